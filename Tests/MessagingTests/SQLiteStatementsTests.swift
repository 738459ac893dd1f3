import Testing

@testable import SQLiteStatements

@Suite struct SQLiteStatementsTests {
    private func connection() throws -> SQLiteConnection {
        let connection = try SQLiteConnection(path: ":memory:")
        try connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT UNIQUE, bytes BLOB, number INTEGER)")
        return connection
    }

    @Test func `the library is set up before its first connection, so that no allocation takes a lock to be counted`() throws {
        let connection = try connection()
        try connection.execute("INSERT INTO t (word) VALUES ('something to allocate for')")
        #expect(SQLiteLibrary.countedBytes == 0)
    }

    @Test func `values come back as they were bound, empty and missing ones apart`() throws {
        let connection = try connection()
        let insert = try connection.prepare("INSERT INTO t (word, bytes, number) VALUES (?, ?, ?)")
        #expect(insert.parameterCount == 3)
        for (word, bytes, number) in [("长 a", [0, 1, 255], -5), ("", [], Int64.max), (nil, nil, nil)] as [(String?, [UInt8]?, Int64?)] {
            try insert.bind(1, word)
            try insert.bind(2, bytes)
            try insert.bind(3, number)
            #expect(try insert.run() == 1)
        }
        let select = try connection.prepare("SELECT word, bytes, number FROM t ORDER BY id")
        #expect(try select.step())
        #expect(select.text(0) == "长 a" && select.blob(1) == [0, 1, 255] && select.int(2) == -5)
        #expect(try select.step())
        #expect(select.textOrNil(0) == "" && select.blobOrNil(1) == [] && select.intOrNil(2) == Int64.max)
        #expect(try select.step())
        #expect(select.isNull(0) && select.textOrNil(0) == nil && select.blobOrNil(1) == nil && select.intOrNil(2) == nil)
        #expect(try !select.step())
        #expect(try select.step(), "after the end it starts again")
        select.reset()
    }

    @Test func `a broken constraint is told with its code and the statement, and the statement can be used again`() throws {
        let connection = try connection()
        let insert = try connection.prepare("INSERT INTO t (word) VALUES (?)")
        try insert.bind(1, "secret")
        try insert.run()
        let error = try #require(throws: SQLiteError.self) { try insert.run() }
        #expect(error.code == 2067 && error.isConstraint && !error.isBusy)
        #expect(error.sql == "INSERT INTO t (word) VALUES (?)")
        #expect(!error.description.contains("secret"))
        try insert.bind(1, "other")
        #expect(try insert.run() == 1)
    }

    @Test func `changes are counted for the statement that ran, and text that is no SQL is refused`() throws {
        let connection = try connection()
        try connection.execute("INSERT INTO t (number) VALUES (1), (2), (3)")
        #expect(try connection.prepare("UPDATE t SET number = 0 WHERE number > 1").run() == 2)
        #expect(try connection.prepare("UPDATE t SET number = 0 WHERE number > 1").run() == 0)
        #expect(try connection.prepare("SELECT * FROM t").run() == 0)
        #expect(throws: SQLiteError.self) { try connection.prepare("SELEKT") }
        #expect(throws: SQLiteError.self) { try connection.prepare("  -- nothing") }
        #expect(throws: SQLiteError.self) { try SQLiteConnection(path: "/nowhere/at/all.db") }
    }
}
