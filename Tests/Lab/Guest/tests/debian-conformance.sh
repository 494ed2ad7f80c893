# The whole interface by the package as it is installed, with the libfuse of the release: on the system's device and on a
# container's.
# kernels: one
# system: debian
# seconds: 300

if has passthrough; then expectation=full; else expectation=page-cache; fi
install_package
conformance --expect $expectation --opens 100
sysgenidctl container add web
system=$device
device=/run/sysgenid/devices/containers/web/sysgenid
conformance --expect $expectation --opens 100
device=$system
equal "nothing was started again" "$(property NRestarts)" 0
check "no unit has failed" [ -z "$(systemctl --failed --no-legend --plain)" ]
