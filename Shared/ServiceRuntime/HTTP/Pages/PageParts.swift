import Vocabulary

extension PageRequest {
    /// One column of a table.
    public struct Column: Sendable {
        let zh: String
        let en: String
        let isNumber: Bool

        public init(_ zh: String, _ en: String, isNumber: Bool = false) {
            self.zh = zh
            self.en = en
            self.isNumber = isNumber
        }
    }

    /// A table that a screen reader reads as one and a telephone shows as cards; its first cell heads the row. `empty` stands where it has
    /// no rows.
    public func table(_ caption: String, _ columns: [Column], _ rows: [[HTML]], empty: String) -> HTML {
        guard !rows.isEmpty else { return "<p class=\"empty\">\(empty)</p>" }
        let heads = columns.map { column -> HTML in
            "<th scope=\"col\" role=\"columnheader\"\(column.isNumber ? " class=\"n\"" as HTML : "")>\(text(column.zh, column.en))</th>"
        }
        let body = rows.map { cells -> HTML in
            let row = zip(columns, cells).enumerated().map { index, cell -> HTML in
                let (column, value) = cell
                let number: HTML = column.isNumber ? " class=\"n\"" : ""
                let label = text(column.zh, column.en)
                return index == 0
                    ? "<th scope=\"row\" role=\"rowheader\"\(number)>\(value)</th>"
                    : "<td role=\"cell\"\(number) data-label=\"\(label)\">\(value)</td>"
            }
            return "<tr role=\"row\">\(row)</tr>"
        }
        return """
            <table class="cards" role="table"><caption>\(caption)</caption><thead role="rowgroup"><tr role="row">\(heads)</tr></thead>
            <tbody role="rowgroup">\(body)</tbody></table>
            """
    }

    /// Names and values of one thing.
    public func facts(_ pairs: [(zh: String, en: String, value: HTML)]) -> HTML {
        let rows = pairs.filter { !$0.value.isEmpty }.map { "<div><dt>\(text($0.zh, $0.en))</dt><dd>\($0.value)</dd></div>" as HTML }
        return "<dl class=\"facts\">\(rows)</dl>"
    }

    /// A part of the page under a heading of its own.
    public func section(_ zh: String, _ en: String, _ body: HTML) -> HTML {
        body.isEmpty ? "" : "<section><h2>\(text(zh, en))</h2>\(body)</section>"
    }

    /// Something that can be done, folded away until it is asked for. `open` shows it at once, as after a refusal.
    public func fold(_ zh: String, _ en: String, form name: String, _ body: HTML) -> HTML {
        guard !body.isEmpty else { return "" }
        let isOpen: HTML = form.name == name ? " open" : ""
        return "<details class=\"fold\"\(isOpen)><summary>\(text(zh, en))</summary>\(body)</details>"
    }

    /// Sentences one after the other, each on its line.
    public func steps(_ sentences: [String]) -> HTML {
        sentences.isEmpty ? "" : "<ol class=\"steps\">\(sentences.map { "<li>\($0)</li>" as HTML })</ol>"
    }

    /// Ways to look at one list: each a word of `parameter`; nil is all.
    public func filter(_ zh: String, _ en: String, _ parameter: String, _ words: [(value: String?, label: String)]) -> HTML {
        let now = request.query(parameter)
        let items = words.map { word -> HTML in
            let mark: HTML = word.value == now ? " aria-current=\"true\"" : ""
            return "<li><a href=\"\(Self.target(request.path, [(parameter, word.value)]))\"\(mark)>\(word.label)</a></li>"
        }
        return "<nav class=\"filter\" aria-label=\"\(text(zh, en))\"><ul>\(items)</ul></nav>"
    }

    /// The way to the next part of a list; `next` is the list's own cursor.
    public func more(_ next: String?) -> HTML {
        guard let next else { return "" }
        let query = request.queryPairs.filter { $0.0 != "after" && $0.0 != "done" && $0.0 != "lang" }.map { ($0.0, Optional($0.1)) }
        return """
            <p class="more"><a href="\(Self.target(request.path, query + [("after", next)]))">\(text("下一页", "Next page"))</a></p>
            """
    }

    /// A link.
    public func link(_ target: String, _ words: String) -> HTML { "<a href=\"\(target)\">\(words)</a>" }

    /// The full name of a place.
    public func place(_ region: RegionCode) -> String { RegionTable.shared.fullName(of: region) ?? region.text }
}

extension PageRequest {
    /// A number that waits for somebody, and the way to what it counts.
    public struct Tile: Sendable {
        let words: String
        let count: Int
        let hasMore: Bool
        let target: String
        let isLate: Bool

        /// `hasMore`: there are more than were counted. `isLate`: stands out unless it is nought.
        public init(_ words: String, count: Int, hasMore: Bool, at target: String, isLate: Bool = false) {
            self.words = words
            self.count = count
            self.hasMore = hasMore
            self.target = target
            self.isLate = isLate
        }
    }

    public func tiles(_ tiles: [Tile]) -> HTML {
        let items = tiles.map { tile -> HTML in
            let tone: HTML = tile.isLate && tile.count > 0 ? " class=\"bad\"" : ""
            return "<li><a href=\"\(tile.target)\"\(tone)><strong>\(tile.count)\(tile.hasMore ? "+" : "")</strong> \(tile.words)</a></li>"
        }
        return "<ul class=\"tiles\">\(items)</ul>"
    }
}
