# Installing, and the Debian packages, which are made from the same steps.

.PHONY: setup-package package-programs have-programs install install-overseer install-clients test-install deb debs \
    check-version

VERSION := $(shell sed -n 's/.*let version = "\(.*\)"/\1/p' Sources/SysGenIDSystem/Release.swift)
# The programs that are installed carry the Swift runtime in them, and so need no Swift where they run.
PACKAGE_BUILD ?= .build-package
PACKAGE_PROGRAMS := $(PACKAGE_BUILD)/release
DEB_PACKAGES := build-essential debhelper dh-python javac:default-jdk-headless
DEB_FOLDER := $(CURDIR)/.build/deb
# Whatever the packages are called, they are as old as this.
DEB := $(DEB_FOLDER)/sysgenid.changes
DEB_SOURCES := Makefile Package.swift \
    $(shell shopt -s globstar; printf '%s\n' {Sources,Clients,hooks,systemd,debian,monitoring,packaging,docs/man}/**)

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
BINDIR ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
LIBDIR ?= $(PREFIX)/lib
PRELOADDIR ?= $(LIBDIR)
# The configuration names the provider with its folder, so that it may be any.
MODULESDIR ?= $(LIBDIR)/ossl-modules
UNITDIR ?= $(LIBDIR)/systemd/system
UDEVDIR ?= $(LIBDIR)/udev
# systemd looks for them nowhere else, whatever the prefix is.
SLEEPDIR ?= /usr/lib/systemd/system-sleep
# And so do container managers: for hooks there, and below the configuration's folder for what is called a device.
HOOKSDIR ?= /usr/share/containers/oci/hooks.d
CDIDIR ?= $(SYSCONFDIR)/cdi
# The overseer looks for hooks below the configuration's folder and there, whatever the prefix is.
OVERSEERDIR ?= /usr/lib/sysgenid/hooks.d
BASH_COMPLETIONS ?= $(DATADIR)/bash-completion/completions
ZSH_COMPLETIONS ?= $(DATADIR)/zsh/site-functions
FISH_COMPLETIONS ?= $(DATADIR)/fish/vendor_completions.d

# The completions of $program, for each shell.
complete = complete() { $(PACKAGE_PROGRAMS)/$$program --generate-completion-script $$1; }; \
    complete bash | sed 1d >$(DESTDIR)$(BASH_COMPLETIONS)/$$program && \
    complete zsh >$(DESTDIR)$(ZSH_COMPLETIONS)/_$$program && \
    complete fish >$(DESTDIR)$(FISH_COMPLETIONS)/$$program.fish || exit

# They start in half the time and with less memory than those of a plain build, for these reasons (docs/performance.md):
# relative relocations are packed (glibc 2.36), which takes LLVM's linker; the C++ library, of which Swift's runtime needs
# a few functions, is linked into them, since it is found before the shared one; the symbols that no library asks for
# are not exported; no folder is searched for libraries before the system's; and the compiler makes types with code
# instead of by their names, which are looked up among all conformances. All addresses are bound at the start, so that
# their table can be read-only. What tells debuggers of the sources is left out, since no package has it; functions keep
# their names.
PACKAGE_LIBRARIES := $(CURDIR)/$(PACKAGE_BUILD)/libraries
PACKAGE_FLAGS := --static-swift-stdlib --disable-local-rpath -debug-info-format none -Xswiftc -use-ld=lld -Xswiftc -L$(PACKAGE_LIBRARIES) \
    -Xswiftc -Xclang-linker -Xswiftc -static-libgcc \
    -Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors \
    $(addprefix -Xlinker ,-z pack-relative-relocs -z now --no-export-dynamic)

# What the programs that are installed are linked with besides.
setup-package: setup
	$(call install,g++:g++)

package-programs:
	@mkdir -p $(PACKAGE_LIBRARIES)
	@ln -sf "$$($(CC) -print-file-name=libstdc++.a)" $(PACKAGE_LIBRARIES)/libstdc++.a
	swift build -c release --scratch-path $(PACKAGE_BUILD) $(PACKAGE_FLAGS) $(SWIFT_FLAGS)
	@$(MAKE) --no-print-directory $(PACKAGE_PROGRAMS)/$(PRELOAD) $(PACKAGE_PROGRAMS)/$(PROVIDER)

have-programs:
	@[ -x $(PACKAGE_PROGRAMS)/sysgenidd ] || { echo "run 'make package-programs' first" >&2; exit 1; }

install: have-programs $(PACKAGE_PROGRAMS)/$(PRELOAD) $(PACKAGE_PROGRAMS)/$(PROVIDER) ## Install for the host, or below DESTDIR; as root, after 'make package-programs'. PREFIX is /usr/local
	install -D -m 755 $(PACKAGE_PROGRAMS)/sysgenidd $(DESTDIR)$(SBINDIR)/sysgenidd
	install -D -m 755 $(PACKAGE_PROGRAMS)/sysgenidctl $(DESTDIR)$(BINDIR)/sysgenidctl
	install -D -m 755 $(PACKAGE_PROGRAMS)/sysgenid-conformance $(DESTDIR)$(BINDIR)/sysgenid-conformance
	install -D -m 644 $(PACKAGE_PROGRAMS)/libsysgenid-preload.so $(DESTDIR)$(PRELOADDIR)/libsysgenid-preload.so
	install -D -m 644 $(PACKAGE_PROGRAMS)/$(PROVIDER) $(DESTDIR)$(MODULESDIR)/$(PROVIDER)
	install -D -m 644 Sources/CSysGenID/include/linux/sysgenid.h $(DESTDIR)$(INCLUDEDIR)/linux/sysgenid.h
	install -D -m 644 Sources/CSysGenID/include/sysgenid.h $(DESTDIR)$(INCLUDEDIR)/sysgenid.h
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(DATADIR)/pkgconfig
	sed -e 's|/usr/sbin/|$(SBINDIR)/|' -e 's|/etc/default/|$(SYSCONFDIR)/default/|' systemd/sysgenidd.service \
	    >$(DESTDIR)$(UNITDIR)/sysgenidd.service
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' packaging/sysgenid.pc.in \
	    >$(DESTDIR)$(DATADIR)/pkgconfig/sysgenid.pc
	chmod 644 $(DESTDIR)$(UNITDIR)/sysgenidd.service $(DESTDIR)$(DATADIR)/pkgconfig/sysgenid.pc
	for folder in modules-load.d sysusers.d tmpfiles.d; do \
	    install -D -m 644 systemd/$$folder/sysgenid.conf $(DESTDIR)$(LIBDIR)/$$folder/sysgenid.conf; \
	done
	install -D -m 644 systemd/udev/60-sysgenid.rules $(DESTDIR)$(UDEVDIR)/rules.d/60-sysgenid.rules
	install -D -m 644 systemd/udev/61-vmclock-for-all.rules \
	    $(DESTDIR)$(DATADIR)/sysgenid/udev/61-vmclock-for-all.rules
	install -d $(DESTDIR)$(SLEEPDIR)
	sed -e 's|/usr/bin/|$(BINDIR)/|' -e 's|/etc/default/|$(SYSCONFDIR)/default/|' systemd/system-sleep/sysgenid \
	    >$(DESTDIR)$(SLEEPDIR)/sysgenid
	chmod 755 $(DESTDIR)$(SLEEPDIR)/sysgenid
	install -d $(DESTDIR)$(HOOKSDIR) $(DESTDIR)$(CDIDIR) $(DESTDIR)$(DATADIR)/sysgenid
	sed -e 's|/usr/bin/|$(BINDIR)/|g' systemd/own-device.conf >$(DESTDIR)$(DATADIR)/sysgenid/own-device.conf
	chmod 644 $(DESTDIR)$(DATADIR)/sysgenid/own-device.conf
	sed -e 's|/usr/bin/|$(BINDIR)/|' packaging/containers/hook.json >$(DESTDIR)$(HOOKSDIR)/sysgenid.json
	chmod 644 $(DESTDIR)$(HOOKSDIR)/sysgenid.json
	[ -e $(DESTDIR)$(CDIDIR)/sysgenid.org-device.json ] || { \
	    sed -e 's|/usr/bin/|$(BINDIR)/|' packaging/containers/cdi.json \
	        >$(DESTDIR)$(CDIDIR)/sysgenid.org-device.json && \
	    chmod 644 $(DESTDIR)$(CDIDIR)/sysgenid.org-device.json; }
	[ -e $(DESTDIR)$(SYSCONFDIR)/default/sysgenidd ] || \
	    install -D -m 644 systemd/default/sysgenidd $(DESTDIR)$(SYSCONFDIR)/default/sysgenidd
	install -d $(DESTDIR)$(SYSCONFDIR)/ssl
	[ -e $(DESTDIR)$(SYSCONFDIR)/ssl/sysgenid.cnf ] || { \
	    sed -e 's|@MODULESDIR@|$(MODULESDIR)|' -e 's|@SYSCONFDIR@|$(SYSCONFDIR)|' packaging/sysgenid.cnf.in \
	        >$(DESTDIR)$(SYSCONFDIR)/ssl/sysgenid.cnf && chmod 644 $(DESTDIR)$(SYSCONFDIR)/ssl/sysgenid.cnf; }
	for page in $(filter-out $(OVERSEER_PAGES),$(wildcard docs/man/*.[1-9])); do \
	    install -D -m 644 $$page $(DESTDIR)$(DATADIR)/man/man$${page##*.}/$${page##*/}; \
	done
	install -d $(DESTDIR)$(BASH_COMPLETIONS) $(DESTDIR)$(ZSH_COMPLETIONS) $(DESTDIR)$(FISH_COMPLETIONS)
	for program in sysgenidd sysgenidctl sysgenid-conformance; do $(complete); done

# The overseer is a package of its own, and can be left out: nothing of the above knows of it.
OVERSEER_PAGES := docs/man/sysgenid-overseerd.8
OVERSEER_UNITS := sysgenid-overseerd.service sysgenid-overseerd.socket sysgenid-overseerd-vsock.socket sysgenid-changed.target
OVERSEER_INTERFACE := Sources/SysGenIDOverseer/Interface/org.sysgenid.Overseer.varlink
PHASES := quiesce changed ready failed

install-overseer: have-programs ## Install sysgenid-overseerd, its hooks and its units besides
	install -D -m 755 $(PACKAGE_PROGRAMS)/sysgenid-overseerd $(DESTDIR)$(SBINDIR)/sysgenid-overseerd
	install -d $(DESTDIR)$(UNITDIR) $(addprefix $(DESTDIR)$(SYSCONFDIR)/sysgenid/hooks.d/,$(PHASES))
	for unit in $(OVERSEER_UNITS); do \
	    sed -e 's|/usr/sbin/|$(SBINDIR)/|' -e 's|/etc/default/|$(SYSCONFDIR)/default/|' systemd/$$unit \
	        >$(DESTDIR)$(UNITDIR)/$$unit && chmod 644 $(DESTDIR)$(UNITDIR)/$$unit || exit; \
	done
	[ -e $(DESTDIR)$(SYSCONFDIR)/default/sysgenid-overseerd ] || \
	    install -D -m 644 systemd/default/sysgenid-overseerd $(DESTDIR)$(SYSCONFDIR)/default/sysgenid-overseerd
	for hook in $(filter-out %/50-systemd,$(wildcard hooks/[0-9][0-9]-*)); do \
	    install -D -m 755 $$hook $(DESTDIR)$(DATADIR)/sysgenid/$$hook || exit; \
	done
	install -D -m 755 hooks/50-systemd $(DESTDIR)$(OVERSEERDIR)/changed/50-systemd
	install -D -m 755 hooks/fsfreeze-hook $(DESTDIR)$(DATADIR)/sysgenid/fsfreeze-hook
	install -D -m 644 $(OVERSEER_INTERFACE) $(DESTDIR)$(DATADIR)/varlink/$(notdir $(OVERSEER_INTERFACE))
	install -D -m 644 $(OVERSEER_PAGES) $(DESTDIR)$(DATADIR)/man/man8/$(notdir $(OVERSEER_PAGES))
	install -d $(DESTDIR)$(BASH_COMPLETIONS) $(DESTDIR)$(ZSH_COMPLETIONS) $(DESTDIR)$(FISH_COMPLETIONS)
	program=sysgenid-overseerd; $(complete)

# What has unchanged programs of a language renew themselves: a folder each, with a Makefile of its own that takes DESTDIR
# and PREFIX, and the package sysgenid-LANGUAGE.
CLIENTS := crypto java node perl php python ruby

install-clients: ## Install the clients for languages, which do nothing until they are enabled; CLIENTS="python" narrows it
	@for client in $(CLIENTS); do \
	    $(MAKE) --no-print-directory -C Clients/$$client install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX); \
	done

deb: setup check-version ## Build the packages for this release of Debian, .build/deb/sysgenid_VERSION_amd64.deb and others
	$(call install,$(DEB_PACKAGES))
	rm -rf $(DEB_FOLDER)
	mkdir -p $(DEB_FOLDER)
	DEB_FOLDER=$(DEB_FOLDER) PACKAGE_BUILD=$(PACKAGE_BUILD) DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage --build=binary --no-sign --post-clean \
	    --buildinfo-file=$(DEB_FOLDER)/sysgenid.buildinfo --buildinfo-option=-u$(DEB_FOLDER) \
	    --changes-file=$(DEB_FOLDER)/sysgenid.changes --changes-option=-u$(DEB_FOLDER)
	@ls $(DEB_FOLDER)/*.deb

test-install: $(DEB) ## Install into a system of busybox alone, with this machine's C library and a newer one, and use it there
	$(SUDO) packaging/test-install $(PACKAGE_PROGRAMS)

# As its user, root: it mounts this machine's Swift in the systems that it makes.
debs: setup ## Build the packages for each release of Debian in a clean system, .build/debs/RELEASE; DEBS="trixie" narrows it
	$(call install,mmdebstrap)
	$(SUDO) env "PATH=$$PATH" packaging/debs $(DEBS)

# Guests of the laboratory install it. It is made anew only where something has changed that it is made of.
test-lab: $(DEB)

# Kernels, disks and QEMU as they come from Debian, and the package.
lab-fetched: $(DEB)
	$(LABORATORY) prepare

$(DEB): $(DEB_SOURCES) | package-programs
	@$(MAKE) deb

check-version:
	.ci/check-version
