import Foundation
import SwiftProtobuf
import Testing

/// The schemas of both versions as protoc understands them, fresh from the `.proto` files.
enum SchemaDescriptors {
    struct Field: Hashable, CustomStringConvertible {
        var number: UInt32
        var name: String
        var type: String

        var description: String { "\(type) \(name) = \(number)" }
    }

    struct Method: Hashable {
        var name: String
        var request: String
        var reply: String
    }

    struct Schema {
        var messages: [String: Set<Field>] = [:]
        var enums: [String: [Int32: String]] = [:]
        var methods: Set<Method> = []
    }

    static let root = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }

    /// A directory beneath the project's root, with symbolic links followed.
    static func directory(_ name: String) -> String { URL(fileURLWithPath: "\(root)/\(name)").resolvingSymlinksInPath().path }

    /// Compiles the `.proto` files of `folders`, which lie beneath the project's root.
    static func load(_ folders: [String]) throws -> Schema {
        var schema = Schema()
        for folder in folders {
            let path = directory(folder)
            let files = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".proto") }.sorted()
            try #require(!files.isEmpty, "no schemas in \(folder)")
            add(try compile(files, in: path), to: &schema)
        }
        return schema
    }

    /// Compiles one file that is given as text.
    static func compile(text: String) throws -> Schema {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("schema-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data(text.utf8).write(to: directory.appendingPathComponent("test.proto"))
        var schema = Schema()
        add(try compile(["test.proto"], in: directory.path), to: &schema)
        return schema
    }

    private static func compile(_ files: [String], in directory: String) throws -> Google_Protobuf_FileDescriptorSet {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["protoc", "--descriptor_set_out=/dev/stdout", "-I", directory] + files
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "protoc failed; it is in Debian's protobuf-compiler")
        return try Google_Protobuf_FileDescriptorSet(serializedBytes: [UInt8](bytes))
    }

    private static func add(_ set: Google_Protobuf_FileDescriptorSet, to schema: inout Schema) {
        for file in set.file {
            for message in file.messageType { add(message, in: file.package, to: &schema) }
            for declared in file.enumType { add(declared, in: file.package, to: &schema) }
            for service in file.service {
                for method in service.method {
                    schema.methods.insert(
                        Method(
                            name: "\(file.package).\(service.name)/\(method.name)", request: String(method.inputType.dropFirst()),
                            reply: String(method.outputType.dropFirst())))
                }
            }
        }
    }

    private static func add(_ message: Google_Protobuf_DescriptorProto, in scope: String, to schema: inout Schema) {
        let name = "\(scope).\(message.name)"
        let entries = Dictionary(
            uniqueKeysWithValues: message.nestedType.filter(\.options.mapEntry).map { (".\(name).\($0.name)", $0) })
        schema.messages[name] = Set(
            message.field.map { field in
                if let entry = entries[field.typeName], entry.field.count == 2 {
                    return Field(
                        number: UInt32(field.number), name: field.name,
                        type: "map<\(type(entry.field[0])), \(type(entry.field[1]))>")
                }
                let label = field.label == .repeated ? "repeated " : ""
                return Field(number: UInt32(field.number), name: field.name, type: label + type(field))
            })
        for nested in message.nestedType where !nested.options.mapEntry { add(nested, in: name, to: &schema) }
        for declared in message.enumType { add(declared, in: name, to: &schema) }
    }

    private static func add(_ declared: Google_Protobuf_EnumDescriptorProto, in scope: String, to schema: inout Schema) {
        schema.enums["\(scope).\(declared.name)"] = Dictionary(uniqueKeysWithValues: declared.value.map { ($0.number, $0.name) })
    }

    /// The type as a schema writes it.
    private static func type(_ field: Google_Protobuf_FieldDescriptorProto) -> String {
        switch field.type {
        case .message, .enum, .group: String(field.typeName.dropFirst())
        default: "\(field.type)".lowercased()
        }
    }
}
