import Foundation
import TestSupport
import Testing

/// What container managers read that is installed, held against what the specifications of both say: the Container Device
/// Interface, and the hooks of the containers' tools (oci-hooks(5)). Whether they take it, the laboratory shows.
@Suite struct ContainerSpecifications {
    private static let folder = Built.project.appending(path: "packaging/containers")

    @Test func theDevicesAreAsTheInterfaceHasThem() throws {
        let specification = try Self.object("cdi.json")
        #expect(Fields(specification).faultOfDevices == nil)
        let devices = try #require(specification["devices"] as? [[String: Any]])
        let page = try String(contentsOf: Built.project.appending(path: "docs/containers.md"), encoding: .utf8)
        for name in devices.compactMap({ $0["name"] as? String }) {
            #expect(page.contains("`sysgenid.org/device=\(name)`"), "docs/containers.md does not explain \(name)")
        }
    }

    @Test func theHookIsAsTheToolsHaveIt() throws {
        let hook = try Self.object("hook.json")
        #expect(Fields(hook).faultOfHook == nil)
        let page = try String(contentsOf: Built.project.appending(path: "docs/containers.md"), encoding: .utf8)
        #expect(page.contains("org.sysgenid.device=own"))
        let annotations = try #require((hook["when"] as? [String: Any])?["annotations"] as? [String: String])
        #expect(annotations.count == 1)
        for (name, value) in annotations {
            let (name, value) = (try Regex(name), try Regex(value))
            #expect("org.sysgenid.device".contains(name) && "own".contains(value))
            #expect(!"org.sysgenid.devices".contains(name) && !"owner".contains(value))
        }
    }

    /// What the check is for.
    @Test(arguments: [
        (#""cdiVersion": "0.3.0""#, #""cdiVersion": "0.3""#), ("sysgenid.org/device", "sysgenid"),
        (#""name": "own""#, #""name": "system""#), (#""name": "own""#, #""name": "-own""#),
        ("createRuntime", "createruntime"), (#""hostPath": "/dev/sysgenid""#, #""hostPath": "dev/sysgenid""#),
        ("containerPath", "path"), ("timeout", "deadline"), (#""path": "/usr/bin"#, #""path": "usr/bin"#),
        (#""timeout": 10"#, #""timeout": 0"#), ("containerEdits", "edits"), ("bind", ""),
    ])
    func anInterfaceOfAnotherFormIsNoticed(_ part: String, _ other: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: "cdi.json"), encoding: .utf8)
        #expect(text.contains(part))
        #expect(Fields(try Self.object(text: text.replacing(part, with: other))).faultOfDevices != nil)
    }

    @Test(arguments: [
        ("1.0.0", "2.0.0"), ("createRuntime", "create"), ("when", "if"), ("stages", "stage"), ("args", "arguments"),
        (#""path": "/"#, #""path": ""#), (#""^own$""#, #""(""#), (#""^own$""#, "1"),
    ])
    func aHookOfAnotherFormIsNoticed(_ part: String, _ other: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: "hook.json"), encoding: .utf8)
        #expect(text.contains(part))
        #expect(Fields(try Self.object(text: text.replacing(part, with: other))).faultOfHook != nil)
    }

    private static func object(_ name: String) throws -> [String: Any] {
        try object(text: String(contentsOf: folder.appending(path: name), encoding: .utf8))
    }

    private static func object(text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
}

/// The fields of an object, each of which has to be known.
private struct Fields {
    private static let stages: Set = [
        "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
    ]

    private let fields: [String: Any]

    init(_ fields: [String: Any]) {
        self.fields = fields
    }

    /// What is wrong with it as a specification of devices; nil where nothing is.
    var faultOfDevices: String? {
        guard has(["cdiVersion", "kind", "devices"]) else { return "fields" }
        // From this version on there is all that is used.
        guard text("cdiVersion") == "0.3.0" else { return "version" }
        guard text("kind").wholeMatch(of: /[a-z][a-z0-9.-]*\.[a-z]+\/[A-Za-z][A-Za-z0-9_-]*/) != nil else {
            return "kind"
        }
        let devices = objects("devices")
        guard !devices.isEmpty, Set(devices.map { $0.text("name") }).count == devices.count else { return "devices" }
        for device in devices {
            guard device.has(["name", "containerEdits"]) else { return "fields of a device" }
            let isName = device.text("name").wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?/) != nil
            guard isName else { return "name" }
            if let fault = device.object("containerEdits").faultOfEdits { return fault }
        }
        return nil
    }

    private var faultOfEdits: String? {
        guard !fields.isEmpty, Set(fields.keys).isSubset(of: ["mounts", "hooks"]) else { return "edits" }
        for mount in objects("mounts") {
            guard mount.has(["hostPath", "containerPath", "options"]) else { return "fields of a mount" }
            guard mount.text("hostPath").hasPrefix("/"), mount.text("containerPath").hasPrefix("/") else {
                return "path"
            }
            guard mount.texts("options").contains("bind") else { return "options" }
        }
        for hook in objects("hooks") {
            guard hook.has(["hookName", "path", "args", "timeout"]), hook.isProgram else { return "hook" }
            guard Self.stages.contains(hook.text("hookName")) else { return "stage" }
        }
        return objects("mounts").isEmpty && objects("hooks").isEmpty ? "no edit" : nil
    }

    /// What is wrong with it as a hook of the containers' tools.
    var faultOfHook: String? {
        guard has(["version", "hook", "when", "stages"]), text("version") == "1.0.0" else { return "fields" }
        guard object("hook").has(["path", "args", "timeout"]), object("hook").isProgram else { return "hook" }
        let stages = texts("stages")
        guard !stages.isEmpty, Set(stages).isSubset(of: Self.stages) else { return "stages" }
        guard object("when").has(["annotations"]),
            let pairs = object("when").fields["annotations"] as? [String: String],
            !pairs.isEmpty, pairs.allSatisfy({ (try? Regex($0.key)) != nil && (try? Regex($0.value)) != nil })
        else { return "when" }
        return nil
    }

    private var isProgram: Bool {
        text("path").hasPrefix("/") && texts("args").first == "sysgenidctl" && (fields["timeout"] as? Int ?? 0) > 0
    }

    private func has(_ names: Set<String>) -> Bool { Set(fields.keys) == names }
    private func text(_ name: String) -> String { fields[name] as? String ?? "" }
    private func texts(_ name: String) -> [String] { fields[name] as? [String] ?? [] }
    private func object(_ name: String) -> Fields { Fields(fields[name] as? [String: Any] ?? [:]) }
    private func objects(_ name: String) -> [Fields] { (fields[name] as? [[String: Any]] ?? []).map(Fields.init) }
}
