import Persistence

/// Every cell of every table of a store, as bytes: for searching a whole store for what must not be in it.
public enum StoreContents {
    /// What SQLite and PostgreSQL say of their own tables.
    private struct Words: Sendable {
        let tables: SQL
        let columns: @Sendable (String) -> SQL
        /// A column as bytes: what is bytes as it is, everything else as text.
        let cell: @Sendable (_ column: String, _ type: String) -> String
    }

    private static let sqlite = Words(
        tables: SQL("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"),
        columns: { SQL("SELECT name, type FROM pragma_table_info('\($0)')") },
        cell: { column, _ in "CAST(\(column) AS BLOB)" })
    private static let postgres = Words(
        tables: SQL("SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()"),
        columns: {
            SQL(
                """
                SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = '\($0)'
                """)
        },
        cell: { column, type in type == "bytea" ? column : "convert_to(CAST(\(column) AS TEXT), 'UTF8')" })

    /// By table, the cells one after the other with a zero byte between them.
    public static func tables(of database: any Database, _ store: Store = .chosen) throws -> [(table: String, bytes: [UInt8])] {
        let words = store == .sqlite ? sqlite : postgres
        return try database.read { tx in
            try tx.rows(words.tables) { $0.text(0) }.map { table in
                var bytes: [UInt8] = []
                for (column, type) in try tx.rows(words.columns(table), { ($0.text(0), $0.text(1)) }) {
                    let cells = SQL("SELECT \(words.cell(column, type)) FROM \(table) WHERE \(column) IS NOT NULL")
                    for cell in try tx.rows(cells, { $0.blobOrNil(0) ?? [] }) { bytes += cell + [0] }
                }
                return (table, bytes)
            }
        }
    }
}
