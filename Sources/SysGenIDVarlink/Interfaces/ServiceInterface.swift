import SysGenIDJSON

/// What a service says of itself. See https://varlink.org/Service.
public struct ServiceInformation: Hashable, Sendable {
    public var vendor: String
    public var product: String
    public var version: String
    public var url: String

    public init(vendor: String, product: String, version: String, url: String) {
        (self.vendor, self.product, self.version, self.url) = (vendor, product, version, url)
    }
}

/// The interface that each service has: org.varlink.service.
struct ServiceInterface: Sendable {
    static let name = "org.varlink.service"

    let information: ServiceInformation
    let interfaces: [VarlinkInterface]

    /// What is answered to the call; nil where it is one of a method that others serve.
    func answer(_ call: CallMessage) -> VarlinkReply? {
        do throws(VarlinkRefusal) {
            return try reply(to: call)
        } catch {
            return .refusal(error)
        }
    }

    private func reply(to call: CallMessage) throws(VarlinkRefusal) -> VarlinkReply? {
        let method = "\(call.interface).\(call.method)"
        guard !call.wantsUpgrade else { throw .methodNotImplemented(method) }
        switch (call.interface, call.method) {
        case (Self.name, "GetInfo"): return .result(info)
        case (Self.name, "GetInterfaceDescription"):
            let asked = try call.parameters(as: Asked.self).interface
            guard let description = description(of: asked) else { throw .interfaceNotFound(asked) }
            return .result(.object(["description": .string(description)]))
        case (Self.name, _): throw .methodNotFound(method)
        default: break
        }
        guard let interface = interfaces.first(where: { $0.name == call.interface }) else {
            throw .interfaceNotFound(call.interface)
        }
        guard interface.hasMethod(call.method) else { throw .methodNotFound(method) }
        if interface.streams.contains(call.method), !call.wantsMore { throw .expectedMore }
        return nil
    }

    private struct Asked: Decodable {
        var interface: String
    }

    private var info: JSON {
        .object([
            "vendor": .string(information.vendor), "product": .string(information.product),
            "version": .string(information.version), "url": .string(information.url),
            "interfaces": .array(([Self.name] + interfaces.map(\.name)).map(JSON.string)),
        ])
    }

    private func description(of interface: String) -> String? {
        interface == Self.name ? Self.description : interfaces.first { $0.name == interface }?.description
    }

    static let description = """
        # What each service says of itself, and the errors that each has.
        interface org.varlink.service

        # Who serves here, and which interfaces.
        method GetInfo() -> (
          vendor: string,
          product: string,
          version: string,
          url: string,
          interfaces: []string
        )

        # The description of an interface.
        method GetInterfaceDescription(interface: string) -> (description: string)

        error InterfaceNotFound (interface: string)
        error MethodNotFound (method: string)
        error MethodNotImplemented (method: string)
        error InvalidParameter (parameter: string)
        error PermissionDenied ()
        error ExpectedMore ()

        """
}
