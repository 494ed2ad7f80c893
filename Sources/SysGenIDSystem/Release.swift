/// Which release the programs are of. Everything else that names it takes it from here, or is compared with it:
/// debian/changelog by .ci/check-version.
public enum Release {
    public static let version = "0.2.0"
}
