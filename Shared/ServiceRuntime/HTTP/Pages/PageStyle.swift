/// The one look of all pages, from a telephone to a wall, light and dark, on paper. Served from its own address: the content security policy
/// allows nothing inline.
enum PageStyle {
    static let sheet = look + forms + tables + figures + places

    private static let look = """
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #4b5563; --paper: #fff; --panel: #f4f6f8; --line: #c3c9d1; --edge: #6b7280; --act: #0b57d0;
          --on-act: #fff; --good: #14612f; --good-bg: #e3f4e8; --bad: #a3141f; --bad-bg: #fdeaea; --wait: #7a4a00; --wait-bg: #fff2d9;
          font: 16px/1.55 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: var(--ink); background: var(--paper); }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e8eaed; --soft: #b4bac2; --paper: #15181c; --panel: #1f242a; --line: #4a525c; --edge: #8b949e; --act: #8ab4f8; --on-act: #10151b;
            --good: #86d8a0; --good-bg: #12301c; --bad: #ff9a93; --bad-bg: #3a1517; --wait: #ffcf7a; --wait-bg: #36280c; }
        }
        * { box-sizing: border-box; } body { margin: 0; } a { color: var(--act); text-underline-offset: .15em; }
        :focus-visible { outline: 3px solid var(--act); outline-offset: 2px; border-radius: 2px; } main:focus { outline: none; }
        .skip { position: absolute; left: -100rem; background: var(--paper); padding: .5rem 1rem; z-index: 1; } .skip:focus { left: 1rem; top: .5rem; }
        .top { border-bottom: 1px solid var(--line); background: var(--panel); padding: 0 1rem; }
        .bar-top { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: .25rem 1.5rem; max-width: 72rem; margin: 0 auto; padding: .5rem 0; }
        .brand { margin: 0; font-size: 1.1rem; white-space: nowrap; } .brand a { font-weight: 700; color: var(--ink); text-decoration: none; } .brand a:hover { text-decoration: underline; }
        .who { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; font-size: .875rem; } .who form { margin: 0; } .who a, .who button { padding: .3rem 0; } .me { overflow-wrap: anywhere; }
        .menu { max-width: 72rem; margin: 0 auto; } .menu ul, .filter ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; list-style: none; margin: 0; padding: 0; }
        .menu a { display: inline-block; padding: .5rem 0; color: var(--ink); text-decoration: none; border-bottom: 3px solid transparent; } .menu a:hover { border-color: var(--line); }
        .menu a[aria-current] { border-color: var(--act); font-weight: 600; }
        main, footer { max-width: 74rem; margin: 0 auto; padding: 0 1rem; } main { padding-bottom: 2rem; } footer { color: var(--soft); font-size: .875rem; border-top: 1px solid var(--line); }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.25rem 0 .75rem; } h2 { font-size: 1.2rem; margin: 1.75rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
        .note, .hint, caption, .code, .empty { color: var(--soft); } .note { margin: .25rem 0 .75rem; max-width: 48rem; } .code { font-size: .8rem; margin: 0; }
        .notice { border-left: 4px solid var(--edge); background: var(--panel); padding: .6rem 1rem; margin: 0 0 1rem; border-radius: 0 4px 4px 0; } .notice p { margin: 0 0 .25rem; }
        .good { border-color: var(--good); color: var(--good); background: var(--good-bg); } .bad { border-color: var(--bad); color: var(--bad); background: var(--bad-bg); } .bad a { color: inherit; } .bad .code { color: inherit; }
        .wait { border-color: var(--wait); color: var(--wait); background: var(--wait-bg); }
        .badge { display: inline-block; align-self: flex-start; padding: .05rem .5rem; border-radius: 1rem; border: 1px solid var(--edge); font-size: .875rem; white-space: nowrap; }
        .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .5rem 1.5rem; margin: .5rem 0 1rem; } .facts dt { color: var(--soft); font-size: .875rem; } .facts dd { margin: 0; overflow-wrap: anywhere; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .75rem; list-style: none; padding: 0; margin: 0 0 1rem; }
        .tiles a { display: block; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); text-decoration: none; color: var(--ink); height: 100%; }
        .tiles a:hover { border-color: var(--act); } .tiles strong { display: block; font-size: 1.75rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
        .steps { margin: .25rem 0; padding-left: 1.4rem; } .steps li { margin: .15rem 0; } details.fold { border: 1px solid var(--line); border-radius: 6px; margin: .75rem 0; background: var(--panel); }
        details.fold > :not(summary) { margin-left: 1rem; margin-right: 1rem; } summary { cursor: pointer; padding: .6rem 1rem; font-weight: 600; } td summary { padding: .2rem 0; font-weight: 400; color: var(--act); }
        .filter { margin: 0 0 .75rem; } .filter a { display: inline-block; padding: .3rem 0; } .filter a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; border-bottom: 3px solid var(--act); }
        .way { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; } .way a { display: inline-block; padding: .3rem 0; }

        """

    private static let forms = """
        .form { max-width: 34rem; margin: .5rem 0 1rem; } .field { margin: 0 0 1rem; display: flex; flex-direction: column; gap: .2rem; border: 0; padding: 0; min-width: 0; }
        .field label, .field legend { font-weight: 600; padding: 0; } .field label.radio { font-weight: 400; display: flex; gap: .6rem; align-items: center; padding: .3rem 0; } .hint { font-size: .875rem; }
        .wrong { color: var(--bad); font-weight: 600; font-size: .9rem; }
        input, select, textarea, button { font: inherit; color: inherit; } input:not([type=radio]):not([type=hidden]), select, textarea { width: 100%; min-height: 2.75rem; padding: .5rem .6rem; border: 1px solid var(--edge); border-radius: 4px; background: var(--paper); }
        input[type=number], input.money, input[type=date] { max-width: 14rem; } input[type=radio] { width: 1.25rem; height: 1.25rem; flex: none; } [aria-invalid=true] { border: 2px solid var(--bad) !important; }
        .actions { margin: .5rem 0; } button { min-height: 2.75rem; padding: .45rem 1.4rem; border: 1px solid var(--act); border-radius: 4px; background: var(--act); color: var(--on-act); font-weight: 600; cursor: pointer; }
        button:hover { filter: brightness(.92); } button.danger { background: transparent; color: var(--bad); border-color: var(--bad); } button.plain { background: none; border: 0; color: var(--act); font-weight: 400; text-decoration: underline; min-height: 0; padding: .3rem 0; text-underline-offset: .15em; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 2rem; align-items: start; }

        """

    private static let tables = """
        table { border-collapse: collapse; width: 100%; } caption { text-align: left; padding: .25rem 0; } .cards th, .cards td { min-width: 4.75rem; } th, td { padding: .4rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        tbody th { font-weight: 400; } thead th { font-weight: 600; border-bottom: 2px solid var(--edge); } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .empty { padding: .75rem 1rem; background: var(--panel); border-radius: 6px; } .more { margin: .75rem 0; }
        @media (max-width: 44rem) {
          table.cards thead { position: absolute; left: -100rem; } table.cards, table.cards tbody, table.cards caption { display: block; } table.cards tr { display: block; border: 1px solid var(--line); border-radius: 6px; margin: 0 0 .75rem; padding: .5rem .75rem; }
          table.cards th, table.cards td { display: flex; gap: .75rem; border: 0; padding: .2rem 0; text-align: left; white-space: normal; overflow-wrap: anywhere; } table.cards tbody th { display: block; font-weight: 600; }
          table.cards td > * { min-width: 0; } table.cards td::before { flex: 0 0 8rem; content: attr(data-label); color: var(--soft); }
        }

        """

    private static let figures = """
        .state { font-variant-numeric: tabular-nums; } #connection { font-weight: 600; } #connection.lost { color: var(--bad); } .bar { width: 45%; } progress { width: 100%; height: .8rem; accent-color: var(--act); } .source, small { color: var(--soft); font-size: .85rem; }
        thead th.end { text-align: right; } .roots { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; list-style: none; padding: 0; } .regions { columns: 4 12rem; } .scroll { overflow-x: auto; }
        .changed { background: color-mix(in srgb, #ffd54f 35%, transparent); } @media (prefers-reduced-motion: no-preference) { td { transition: background .6s; } }
        .stale table { outline: 2px dashed var(--bad); outline-offset: 2px; } .names th[scope="row"] { white-space: nowrap; } @media (max-width: 40rem) { .bar { display: none; } }

        """

    private static let places = """
        @media (min-width: 100rem) {
          :root { font-size: 18px; } .wide main, .wide footer, .wide .bar-top, .wide .menu { max-width: none; padding-left: 2rem; padding-right: 2rem; }
          .wide main { display: grid; grid-template-columns: 1fr 1fr; gap: 0 3rem; align-items: start; } .wide main > :not(section) { grid-column: 1 / -1; } .wide .bar { width: 30%; }
        }
        @media (min-width: 150rem) { :root { font-size: 32px; } }
        @media print {
          :root { color-scheme: light; font-size: 10pt; --ink: #000; --soft: #333; --paper: #fff; --panel: #fff; --act: #000; } main, footer { max-width: none; padding: 0; }
          .skip, .menu, .who, .roots a, .bar, thead td, #connection, form, .filter, .more { display: none; } .scroll { overflow: visible; } tr, h2 { break-inside: avoid; break-after: avoid-page; }
          .stale table { outline: none; } a { color: inherit; text-decoration: none; } details > * { display: block; }
        }

        """

    /// Three steps of a loop.
    static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="none" stroke="#1a73e8" stroke-width="2.5"
        d="M13 8a5 5 0 1 1-2-4M11 1v3.5H7.5"/></svg>
        """
}
