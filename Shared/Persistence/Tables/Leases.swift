/// Who may do what only one of several instances may do.
///
/// Nobody's clock is compared with anybody else's: a holder shows that it lives by counting `beat` up, and another instance takes the lease
/// when it has not seen it move for a while of its own elapsed time. What is done under a lease is fenced by `term`, which grows with every
/// holder: a transaction that counts the beat up first commits under its term or not at all.
public enum Leases {
    /// A lease as it stands.
    public struct Lease: Sendable, Equatable {
        /// Whoever holds it, for people to read; empty when it was given back.
        public let holder: String
        public let term: Int64
        public let beat: Int64
    }

    /// Nil when nobody ever held it.
    public static func lease(_ name: String, in tx: any Transaction) throws -> Lease? {
        try tx.first(select, [.text(name)]) { Lease(holder: $0.text(0), term: $0.int(1), beat: $0.int(2)) }
    }

    /// Takes the lease where it still stands as `seen`. The new term, or nil when somebody moved first.
    public static func take(_ name: String, by holder: String, from seen: Lease?, in tx: any Transaction) throws -> Int64? {
        guard let seen else {
            return try tx.run(create, [.text(name), .text(holder)]) == 1 ? 1 : nil
        }
        let taken = try tx.run(take, [.text(holder), .text(name), .int(seen.term), .int(seen.beat)]) == 1
        return taken ? seen.term + 1 : nil
    }

    /// A sign of life, and the fence of the transaction around it: false when the term is over.
    public static func beat(_ name: String, term: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(beat, [.text(name), .int(term)]) == 1
    }

    /// Gives the lease back, so that the next one need not wait. Does nothing when the term is over.
    public static func giveBack(_ name: String, term: Int64, in tx: any Transaction) throws {
        try tx.run(giveBack, [.text(name), .int(term)])
    }

    /// Ends the term of whoever holds it, who then has to read again what it remembers.
    public static func unseat(_ name: String, in tx: any Transaction) throws { try tx.run(unseat, [.text(name)]) }

    /// Keeps everybody else who locks `name` waiting until this transaction ends; nobody holds anything afterwards. For stores that lock rows.
    public static func lock(_ name: String, in tx: any Transaction) throws { try tx.run(lockOne, [.text(name)]) }

    private static let lockOne = SQL(
        "INSERT INTO leases (name, holder, term, beat) VALUES (?, '', 0, 0) ON CONFLICT (name) DO UPDATE SET term = leases.term")
    private static let select = SQL("SELECT holder, term, beat FROM leases WHERE name = ?")
    private static let create = SQL(
        "INSERT INTO leases (name, holder, term, beat) VALUES (?, ?, 1, 0) ON CONFLICT (name) DO NOTHING")
    private static let take = SQL(
        "UPDATE leases SET holder = ?, term = term + 1, beat = beat + 1 WHERE name = ? AND term = ? AND beat = ?")
    private static let beat = SQL("UPDATE leases SET beat = beat + 1 WHERE name = ? AND term = ?")
    private static let giveBack = SQL("UPDATE leases SET holder = '', beat = beat + 1 WHERE name = ? AND term = ?")
    private static let unseat = SQL("UPDATE leases SET holder = '', term = term + 1, beat = beat + 1 WHERE name = ?")
}
