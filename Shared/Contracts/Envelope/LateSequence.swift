/// Events that are encoded before they have a number.
extension EventSequence {
    /// Stands where the number will be; no stream has epoch 0 or number 0. As wide as every sequence of an epoch below 10,000.
    public static let unnumbered = EventSequence(epoch: 0, number: 0)
}

extension Envelope {
    /// The same bytes with `sequence` in the place of `EventSequence.unnumbered`. Throws when they are no envelope or hold no such place.
    public static func numbered(_ bytes: [UInt8], _ sequence: EventSequence) throws(EnvelopeError) -> [UInt8] {
        guard let place = try ScannedEvent.sequencePlace(bytes), place.count == sequence.width else {
            throw .invalid(attribute: "sequence")
        }
        var bytes = bytes
        bytes.withUnsafeMutableBufferPointer { sequence.write(to: UnsafeMutableBufferPointer(rebasing: $0[place])) }
        return bytes
    }
}
