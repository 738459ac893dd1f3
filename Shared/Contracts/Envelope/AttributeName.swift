#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The optional and extension attributes CareLoop writes and reads, by their CloudEvents names. The four required ones stand apart.
enum AttributeName: String, CaseIterable {
    case time, subject, datacontenttype, dataschema
    case sequence, recordedtime, correlationid, causationid, traceparent, policyversion
    case actororganisation, actorrole, actoruser, onbehalfof, channel, legalbasis, dataclass

    /// The attribute whose name these bytes are; nil for one this build does not know. Does not allocate.
    static func find(_ bytes: UnsafeBufferPointer<UInt8>) -> AttributeName? {
        guard bytes.count >= 4 else { return nil }
        let candidate: AttributeName
        // Length with first and last letter tell the names apart; the comparison below makes sure.
        switch (bytes.count, bytes[0], bytes[bytes.count - 1]) {
        case (4, 116, _): candidate = .time
        case (7, 115, _): candidate = .subject
        case (7, 99, _): candidate = .channel
        case (8, 115, _): candidate = .sequence
        case (17, 97, _): candidate = .actororganisation
        case (9, 97, 101): candidate = .actorrole
        case (9, 97, 114): candidate = .actoruser
        case (9, 100, _): candidate = .dataclass
        case (10, 100, _): candidate = .dataschema
        case (10, 111, _): candidate = .onbehalfof
        case (10, 108, _): candidate = .legalbasis
        case (11, 99, _): candidate = .causationid
        case (11, 116, _): candidate = .traceparent
        case (12, 114, _): candidate = .recordedtime
        case (13, 99, _): candidate = .correlationid
        case (13, 112, _): candidate = .policyversion
        case (15, 100, _): candidate = .datacontenttype
        default: return nil
        }
        let name = candidate.name
        guard name.utf8CodeUnitCount == bytes.count, memcmp(name.utf8Start, bytes.baseAddress!, bytes.count) == 0 else { return nil }
        return candidate
    }

    /// The name where it lies in the program's constants.
    var name: StaticString {
        switch self {
        case .time: "time"
        case .subject: "subject"
        case .datacontenttype: "datacontenttype"
        case .dataschema: "dataschema"
        case .sequence: "sequence"
        case .recordedtime: "recordedtime"
        case .correlationid: "correlationid"
        case .causationid: "causationid"
        case .traceparent: "traceparent"
        case .policyversion: "policyversion"
        case .actororganisation: "actororganisation"
        case .actorrole: "actorrole"
        case .actoruser: "actoruser"
        case .onbehalfof: "onbehalfof"
        case .channel: "channel"
        case .legalbasis: "legalbasis"
        case .dataclass: "dataclass"
        }
    }
}
