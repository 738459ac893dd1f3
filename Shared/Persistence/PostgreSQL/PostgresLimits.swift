/// Limits of a store in PostgreSQL, in one place. Times are elapsed time.
public enum PostgresLimits {
    /// Commands over HTTP that write at the same time.
    public static let commandWriters = 4
    /// Connections that write: consumer, relay and timers have one each, and commands theirs.
    public static let writers = 3 + commandWriters
    /// Connections that read.
    public static let readers = 4
    /// How long a transaction waits for a free connection of its pool.
    public static let poolWait = Duration.seconds(30)
    /// How long a pool that is closed waits for transactions that still run.
    public static let closeWait = Duration.seconds(1)
    /// How long one attempt to connect may take.
    public static let connectSeconds = 5
    /// How long a transaction that finds no server keeps trying before it fails as transient.
    public static let connectPatience = Duration.seconds(5)
    /// Pauses between attempts to connect: first and largest; half of each is drawn by lot, so that instances do not come back in step.
    public static let backoffFirst = Duration.milliseconds(20)
    public static let backoffLargest = Duration.seconds(1)
    /// How long the outcome of a COMMIT whose answer was lost is asked for.
    public static let outcomePatience = Duration.seconds(120)
    /// What the server cuts off: a statement, a wait for a lock, a transaction whose client says nothing.
    public static let statementMs = 60_000
    public static let lockMs = 10_000
    public static let idleTransactionMs = 60_000
    /// TCP keepalive: idle seconds before the first probe, seconds between probes, probes; and how long sent bytes may stay unacknowledged.
    public static let keepaliveIdleSeconds = 10
    public static let keepaliveIntervalSeconds = 5
    public static let keepaliveProbes = 3
    public static let unacknowledgedMs = 20_000
    /// Rows of `runAll` that are on their way at once.
    public static let pipelineRows = 512
    /// Commit tokens of connections that went away are kept this long.
    public static let tokenDays = 7
}
