/// The page's own style and script, served from their own addresses: the content security policy allows nothing inline.
enum PageAssets {
    static let style = """
        :root { color-scheme: light dark; font: 16px/1.5 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
        body { margin: 0 auto; max-width: 72rem; padding: 0 1rem 3rem; }
        header { display: flex; justify-content: space-between; align-items: baseline; border-bottom: 2px solid currentColor; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-bottom: .25rem; }
        .skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; }
        .state { font-variant-numeric: tabular-nums; } .note { margin: 0 0 .5rem; opacity: .8; }
        #connection { font-weight: 600; } #connection.lost { color: #b3261e; }
        @media (prefers-color-scheme: dark) { #connection.lost { color: #ff8a80; } a { color: #8ab4f8; } }
        table { border-collapse: collapse; width: 100%; } caption { text-align: left; opacity: .8; }
        th, td { padding: .2rem .5rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); text-align: left; }
        tbody th { font-weight: 400; } .n { text-align: right; font-variant-numeric: tabular-nums; }
        thead th:not(:first-child) { text-align: right; } thead th.source, thead th.name, td.source { text-align: left; } .bar { width: 45%; } progress { width: 100%; height: .8rem; } .source, small { opacity: .75; font-size: .85rem; }
        .roots { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; list-style: none; padding: 0; } .regions { columns: 4 12rem; } section { overflow-x: auto; } .changed { background: color-mix(in srgb, #ffd54f 35%, transparent); }
        @media (prefers-reduced-motion: no-preference) { td { transition: background .6s; } }
        .stale table { outline: 2px dashed #b3261e; outline-offset: 2px; } #empty { font-weight: 600; }
        section:focus-visible { outline: 2px solid currentColor; } #children th[scope="row"] { white-space: nowrap; }
        @media (max-width: 40rem) { .bar { display: none; } td, th { padding: .3rem .35rem; } }
        @media (min-width: 100rem) {
          :root { font-size: 18px; } body { max-width: none; padding: 0 2rem 2rem; } main { display: grid; grid-template-columns: 1fr 1fr; gap: 0 3rem; align-items: start; }
          main > :not(section) { grid-column: 1 / -1; } .bar { width: 30%; }
        }
        @media (min-width: 150rem) { :root { font-size: 32px; } }
        @media print {
          :root { color-scheme: light; font-size: 10pt; } body { max-width: none; }
          .skip, .roots a, header a, .bar, thead td, #connection { display: none; } section { overflow: visible; } tr, h2 { break-inside: avoid; break-after: avoid-page; }
          .stale table { outline: none; } a { color: inherit; text-decoration: none; }
        }
        """

    /// Three steps of a loop.
    static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="none" stroke="#1a73e8" stroke-width="2.5"
        d="M13 8a5 5 0 1 1-2-4M11 1v3.5H7.5"/></svg>
        """

    /// The order of stages and columns comes from the server with the script, so the two never disagree.
    static let script = """
        (() => {
          "use strict";
          const stages = [\(list(Funnel.stages.map(\.rawValue)))];
          const main = document.getElementById("main");
          const region = main && main.dataset.region;
          if (!region) return;
          const english = document.documentElement.lang.startsWith("en");
          const connection = document.getElementById("connection");
          let heard = new Date();
          const say = (word) => {
            const since = word === "live" ? "" : (english ? " Figures of " : "以下为 ") + heard.toLocaleTimeString() + (english ? "." : " 的数据。");
            const text = connection.dataset[word] + since;
            if (connection.textContent !== text) connection.textContent = text;
            connection.classList.toggle("lost", word !== "live");
            main.classList.toggle("stale", word !== "live");
          };
          const set = (element, value) => {
            const text = value === null || value === undefined ? "–" : String(value);
            if (!element || element.textContent === text) return;
            element.textContent = text;
            element.classList.add("changed");
            setTimeout(() => element.classList.remove("changed"), 600);
          };
          const rate = (figure) => {
            if (figure.basisPoints !== undefined && figure.basisPoints !== null) return (figure.basisPoints / 100).toFixed(2) + " %";
            return figure.reason === "DENOMINATOR_ZERO" ? (english ? "no denominator" : "分母为零") : "–";
          };
          const amount = (row, value) => {
            if (value === undefined || value === null || !("money" in row.dataset)) return value;
            return (value / 100).toFixed(2);
          };
          const row = (child) => {
            const made = document.createElement("tr");
            made.dataset.region = child.code;
            const head = document.createElement("th");
            head.scope = "row";
            const link = document.createElement("a");
            link.href = "?region=" + encodeURIComponent(child.code) + "&lang=" + (english ? "en" : "zh");
            link.textContent = child.name;
            head.append(link);
            made.append(head);
            child.values.forEach(() => {
              const cell = document.createElement("td");
              cell.className = "n";
              made.append(cell);
            });
            return made;
          };
          const show = (figures) => {
            const peak = Math.max(1, ...figures.stages);
            stages.forEach((name, index) => {
              set(document.querySelector('[data-stage="' + name + '"]'), figures.stages[index]);
              const bar = document.querySelector('[data-bar="' + name + '"]');
              bar.max = peak;
              bar.value = figures.stages[index];
            });
            const body = document.querySelector("#children tbody");
            const rows = new Map([...body.rows].map((each) => [each.dataset.region, each]));
            figures.children.forEach((child, index) => {
              let each = rows.get(child.code);
              if (!each) {
                each = row(child);
                body.insertBefore(each, body.rows[index] || null);
              }
              child.values.forEach((value, column) => set(each.cells[column + 1], value));
            });
            figures.rates.forEach((figure) => {
              const each = document.querySelector('[data-rate="' + figure.indicator + '"]');
              if (!each) return;
              set(each.cells[2], amount(each, figure.numerator));
              set(each.cells[3], amount(each, figure.denominator));
              set(each.cells[4], rate(figure));
            });
            document.getElementById("empty").hidden = figures.events > 0;
            set(document.getElementById("asof"), figures.asOf);
            set(document.getElementById("events"), figures.events);
            set(document.getElementById("recorded"), figures.recorded ? figures.recorded.slice(0, 16).replace("T", " ") : "–");
          };
          let wait = 1000;
          const connect = () => {
            const source = new EventSource("/events?region=" + encodeURIComponent(region));
            source.addEventListener("open", () => { wait = 1000; say("live"); });
            source.addEventListener("figures", (message) => { heard = new Date(); say("live"); show(JSON.parse(message.data)); });
            source.addEventListener("error", () => {
              say("lost");
              if (source.readyState !== EventSource.CLOSED) return;
              source.close();
              fetch("/funnel?region=" + encodeURIComponent(region)).then((answer) => {
                if (answer.status === 401) { say("ended"); return; }
                throw new Error("again");
              }).catch(() => {
                setTimeout(connect, wait);
                wait = Math.min(wait * 2, 15000);
              });
            });
          };
          connect();
        })();
        """

    private static func list(_ words: [String]) -> String { words.map { "\"\($0)\"" }.joined(separator: ", ") }
}
