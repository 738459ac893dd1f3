/// The page's own script, served from its own address: the content security policy allows nothing inline.
enum PageAssets {
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
