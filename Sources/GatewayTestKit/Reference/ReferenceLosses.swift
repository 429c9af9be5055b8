package import PluginProtocolV2
package import SwiftProtobuf
package import Translation

extension LossLedger {
    /// Losses that only the bytes of a message show; those that the rules do not know are of fields that nobody looks into.
    package mutating func add(_ side: ExactSide) {
        for loss in side.losses where RuleBook.causes(of: loss.path).contains(loss.cause) {
            add(loss.path, loss.cause, count: loss.count)
        }
    }

    /// Unknown fields of a context and of everything in it.
    package mutating func addUnknownFields(ofContext context: Pluginv2_PluginContext) {
        addUnknown(context.unknownFields, in: "pluginv2.PluginContext")
        addUnknown(context.user.unknownFields, in: "pluginv2.User")
        addUnknown(context.appInstanceSettings.unknownFields, in: "pluginv2.AppInstanceSettings")
        addUnknown(context.dataSourceInstanceSettings.unknownFields, in: "pluginv2.DataSourceInstanceSettings")
    }

    /// Losses by path and cause, which is all that counts: their order is nobody's promise.
    package var amounts: [Loss: Int] {
        Dictionary(losses.map { (Loss($0.path, $0.cause, count: 0), $0.count) }, uniquingKeysWith: +)
    }

    /// Losses by cause alone, for ledgers that are full.
    package var amountsByCause: [LossCause: Int] { Dictionary(losses.map { ($0.cause, $0.count) }, uniquingKeysWith: +) }

    package var isFull: Bool { losses.contains { $0.path == Self.overflow } }
}

extension LossLedger {
    /// Fields that a generated message kept without knowing them; not those of messages inside.
    package mutating func addUnknownFields(of message: some Message, named name: String) {
        addUnknown(message.unknownFields, in: name)
    }
}
