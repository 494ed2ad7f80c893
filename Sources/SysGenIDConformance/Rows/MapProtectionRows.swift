internal import CConformanceClients
internal import Glibc

let mapProtectionRows: [Row] = [
    Row("mmap: two pages are an error, or the second cannot be read (SIGBUS)", on: .mappable) { device in
        for sharing in Sharing.allCases {
            let attempt = Mapping.attempt(try device.open(O_RDONLY), sharing, pages: 2)
            try expectUnusable(attempt, at: Mapping.pageSize, sharing.name)
        }
    },

    Row("mmap: an offset of one page is an error, or cannot be read (SIGBUS)", on: .mappable) { device in
        for sharing in Sharing.allCases {
            let attempt = Mapping.attempt(try device.open(O_RDONLY), sharing, offset: Mapping.pageSize)
            try expectUnusable(attempt, at: 0, sharing.name)
        }
    },

    Row("mmap: an offset that is not of whole pages fails with EINVAL", on: .mappable) { device in
        try expect(Mapping.attempt(device.open(O_RDONLY), offset: 4).answer, equals: .failure(EINVAL))
    },

    Row("mmap: PROT_WRITE and MAP_SHARED of O_RDONLY fails with EACCES", on: .mappable) { device in
        let attempt = Mapping.attempt(try device.open(O_RDONLY), writable: true)
        try expect(attempt.answer, equals: .failure(EACCES))
    },

    Row("mmap: a page mapped for reading cannot be written", on: .mappable) { device in
        let mapping = try device.open(O_RDONLY).map()
        let client = try Client(keeping: []) {
            mapping.scribble(0xdead_beef)
            return .done
        }
        try expect(client.answer(), equals: .died(SIGSEGV))
    },

    Row(
        "mmap: PROT_WRITE and MAP_SHARED of O_RDWR is refused, or what is written does not last",
        needs: .trigger, on: .mappable
    ) { device in
        let generation = try device.trigger()
        let observer = try device.open(O_RDONLY).map()
        let bystander = try device.openNonBlocking()
        let attempt = Mapping.attempt(try device.open(), writable: true)
        guard let mapping = attempt.mapping else { return try expectFailure(attempt.answer) }
        let vandal = try Client(keeping: []) {
            mapping.scribble(generation ^ 0xffff_0000)
            return .done
        }
        try expect(vandal.answer(), equals: .done, "the write")
        try expectEventually("the page", equals: generation) { observer.generation }
        try expect(bystander.read(), equals: .failure(EAGAIN), "another watcher's read")
        let next = try device.trigger()
        try expect(observer.generation, equals: next, "the page after the next change")
        try expect(bystander.read(), equals: .generation(next), "another watcher's read after the next change")
    },

    Row("mmap: what is written to a private mapping is seen by nobody else", needs: .trigger, on: .mappable) {
        device in
        let generation = try device.trigger()
        let observer = try device.open(O_RDONLY).map()
        for access in device.expectation == .pageCache ? [O_RDONLY] : Device.readingAccess {
            let mapping = try device.open(access).map(.privately, writable: true)
            mapping.scribble(0xdead_beef)
            try expect(mapping.generation, equals: 0xdead_beef, "the own page")
            try expect(observer.generation, equals: generation, "another mapping")
            let newcomer = try device.open(O_RDONLY).map()
            try expect(newcomer.generation, equals: generation, "a later mapping")
        }
    },
]

/// The mapping has to be refused, or reading it at the offset has to end in SIGBUS.
private func expectUnusable(
    _ attempt: (mapping: Mapping?, answer: Answer), at offset: Int, _ step: String
) throws {
    guard let mapping = attempt.mapping else { return try expectFailure(attempt.answer, step) }
    let client = try Client(keeping: []) { .generation(mapping.word(at: offset)) }
    try expect(client.answer(), equals: .died(SIGBUS), step)
}
