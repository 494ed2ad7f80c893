import Glibc

/// Called by libFuzzer with each input. See https://llvm.org/docs/LibFuzzer.html.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        _ = try target.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        fatalError("\(error)")
    }
    return 0
}

/// The target that SYSGENID_FUZZ names.
private let target: FuzzTarget = {
    let name = getenv("SYSGENID_FUZZ").map { String(cString: $0) }
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        fatalError("SYSGENID_FUZZ has to be one of \(FuzzTarget.all.map(\.name))")
    }
    return target
}()
