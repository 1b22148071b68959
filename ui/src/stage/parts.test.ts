// What the parts of the page say in each state, drawn on the made-up host.
import { beforeEach, describe, expect, it } from "vitest";
import KeysDialog from "../features/frame/KeysDialog.svelte";
import CheckInEnd from "../features/held/CheckInEnd.svelte";
import Detail from "../features/held/Detail.svelte";
import HeldHeader from "../features/held/HeldHeader.svelte";
import HeldList from "../features/held/HeldList.svelte";
import NowRoute from "../routes/NowRoute.svelte";
import SettingsRoute from "../routes/SettingsRoute.svelte";
import type { Item, View } from "../lib/contract";
import { FakeHost } from "../lib/host/fake";
import { closedView, item, openView, sampleHistory, sampleItems } from "../lib/host/sample";
import type { Desk } from "../lib/state/context";
import { BINDINGS } from "../lib/keyboard/keys";
import { say } from "../lib/words/say";
import { saidElsewhere } from "../lib/words/told";
import { deskOn, draw, words } from "./stage";

let host: FakeHost;
let desk: Desk;

async function stand(view: View, items: Item[] = []): Promise<void> {
  host = new FakeHost(view, items);
  host.history = sampleHistory();
  desk = await deskOn(host);
}

const view = () => desk.gate.view ?? openView();
const nothing = () => undefined;
const list = () => draw(desk, HeldList, { view: view(), onpick: nothing });
const header = (of: View) => draw(desk, HeldHeader, { view: of, onleave: nothing });
const detail = () =>
  draw(desk, Detail, {
    view: view(),
    onback: nothing,
    onsnooze: nothing,
    choice: (desk.search.on ? desk.search.list : desk.held.list).choice,
  });
const buttons = (html: string) =>
  [...html.matchAll(/<button([^>]*)>(.*?)<\/button>/gs)].map(([, attributes = "", inside = ""]) => ({
    says: words(inside.replace(/<kbd.*?<\/kbd>/gs, "")),
    disabled: /\bdisabled/.test(attributes),
  }));
/** But for the way back to the list, which is there where the chosen one has a page of its own. */
const pressable = (html: string) =>
  buttons(html.replace(/<dialog.*?<\/dialog>/gs, "")).flatMap(({ says, disabled }) =>
    disabled || says.includes("Back to the list") ? [] : [says],
  );

describe("the list", () => {
  beforeEach(() => stand(closedView(), sampleItems()));

  it("is a digest by app, with counts, and says each summary once", async () => {
    host.hold([...host.items, item({ id: 9, app: "Element", app_id: "im.riot.Riot", summary: "#platform" })]);
    await desk.held.refresh();
    const html = list();
    expect([...html.matchAll(/<h3[^>]*>(.*?)<\/h3>/gs)].map(([, name = ""]) => words(name))).toEqual([
      "Element",
    ]);
    expect(words(html)).toMatch(/Build 5812 failed on main Woodpecker .*Invoice 2231 is due Thunderbird /);
    expect(words(html)).toContain("Element : 3 held");
    expect(html.match(/<strong[^>]*>#platform</g)).toHaveLength(1);
  });

  it("has an app's heading and its buttons before the rows, which are read under its name", async () => {
    host.hold([...host.items, item({ id: 9, app: "Element", app_id: "im.riot.Riot", summary: "#platform" })]);
    await desk.held.refresh();
    const html = list();
    expect(html.indexOf("Mark all done: from Element")).toBeGreaterThan(0);
    expect(html.indexOf("Mark all done: from Element")).toBeLessThan(html.indexOf('role="listbox"'));
    expect(html).toMatch(/role="group" aria-label="Element" aria-owns="row-2 row-5 row-9"/);
    expect(html).toMatch(/role="listbox"[^>]*aria-owns="row-1 app-2 row-3 row-4 row-6"/);
  });

  it("leads with Tab to one button of one app, that of the chosen one", async () => {
    host.hold([...host.items, item({ id: 9, summary: "Merged" })]);
    await desk.held.refresh();
    const stops = () =>
      [...list().matchAll(/<button[^>]*>/g)]
        .filter(([tag]) => tag.includes('tabindex="0"') && !tag.includes("haspopup"))
        .map(([tag]) => /aria-label="([^"]*)"/.exec(tag)?.[1]);
    await desk.held.list.choice.choose(5);
    expect(stops()).toEqual(["Later: all from Element"]);
    await desk.held.list.choice.choose(9);
    expect(stops()).toEqual(["Later: all from GitHub"]);
    await desk.held.list.choice.choose(3);
    expect(stops()).toEqual([]);
  });

  it("tells those who listen how many there are, and which is chosen", async () => {
    await desk.held.list.choice.choose(5);
    const html = list();
    expect(html.match(/role="option"/g)).toHaveLength(6);
    expect(html.match(/aria-setsize="6"/g)).toHaveLength(6);
    expect(html).toContain('aria-activedescendant="row-5"');
    expect(html).toMatch(/id="row-5"[^>]*aria-selected="true"[^>]*aria-posinset="3"/);
  });

  it("puts what was put off under a line that says until when", async () => {
    await desk.held.list.choice.choose(2);
    await desk.held.list.choice.take("later");
    const html = list();
    const topOf = (part: RegExp) => Number(part.exec(html)?.[1]);
    expect(topOf(/id="row-2"[^>]*top: (\d+)px/)).toBeGreaterThan(
      topOf(/class="divider[^>]*top: (\d+)px[^>]*><h3[^>]*>Later, by 11:30</),
    );
    expect(words(html)).toContain("put off, Element");
  });

  it("draws a handful of ten thousand, the chosen one among them", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => item({ id: index + 1, summary: `${index}` }));
    host.hold(many);
    await desk.held.refresh();
    await desk.held.list.chooseAt(9_999);
    const html = list();
    expect(html.match(/role="option"/g)?.length).toBeLessThan(60);
    expect(html).toContain('id="row-10000"');
  });

  it("ends with a folded line for each app that took something back", async () => {
    host.takeBack([
      item({ id: 71, app: "Web <b>Chat", app_id: "chat", summary: "Maya", body: "Server is down" }),
      item({ id: 72, app: "Web <b>Chat", app_id: "chat", summary: "Ben", body: "" }),
    ]);
    await desk.withdrawn.catchUp();
    const html = list();
    const folded = /<details[^>]*>(.*?)<\/details>/s.exec(html)?.[0] ?? "";
    expect(folded).not.toMatch(/<details[^>]* open/);
    expect(words(folded)).toContain("2 withdrawn by Web &lt;b>Chat");
    expect(words(folded)).toContain("Maya – Server is down");
    host.hold([]);
    await desk.held.refresh();
    expect(words(list())).toMatch(/Nothing is held.*2 withdrawn by/);
  });

  it("keeps hostile text as text", async () => {
    const evil = "<script>alert(1)</script><img src=x onerror=alert(2)>";
    host.hold([item({ app: evil, app_id: evil, summary: evil, body: evil })]);
    await desk.held.refresh();
    const html = list() + detail();
    expect(html).toContain("&lt;script>alert(1)&lt;/script>");
    expect(html).not.toContain("<script");
    expect(html.match(/<img /g)).toHaveLength(html.match(/<img src="picture:\/\/localhost\//g)?.length ?? 0);
  });

  it.each([
    [
      "the gate is closed",
      closedView({ held: 0, ledger: openView().ledger }),
      "Nobody has tried to interrupt you",
    ],
    ["something came", closedView({ held: 0 }), "All that came since 9:00 is accounted for"],
    ["the gate is open", openView(), "Start a block"],
    [
      "it is not in the path",
      openView({ gate: { closed: false, because: null, in_path: false } }),
      "does not stand in the path",
    ],
    [
      "the store cannot be read",
      closedView({ troubles: [{ code: "store", text: saidElsewhere(""), remedy: saidElsewhere("") }] }),
      "cannot be shown now",
    ],
  ])("says why it is empty when %s", async (_, empty, said) => {
    await stand(empty);
    expect(words(list())).toContain(said);
  });
});

describe("what was found", () => {
  beforeEach(() => stand(closedView(), sampleItems()));

  it("says what became of each, newest first", async () => {
    await desk.search.type("review");
    expect(words(list())).toMatch(/store migrations .* held .*ledger .* done/);
  });

  it("says that nothing was found, and that the search failed", async () => {
    await desk.search.type("nowhere");
    expect(words(list())).toContain("Nothing found");
    host.failing.set("search", "store");
    await desk.search.type("build");
    expect([
      words(list()).includes("could not be searched"),
      pressable(list()).includes("Try again"),
    ]).toEqual([true, true]);
  });

  it("says that something may be missing while the daemon still reads, found or not", async () => {
    const behind = () => words(list()).includes("The newest are still being read: some may be missing.");
    const again = () => pressable(list()).includes("Search again");
    await desk.search.type("review");
    expect([behind(), again()]).toEqual([false, false]);
    host.indexIsBehind = true;
    await desk.search.type("reviews");
    expect([behind(), again()]).toEqual([true, true]);
    await desk.search.type("review");
    expect([behind(), again()]).toEqual([true, true]);
  });

  it("offers only what is possible", async () => {
    await desk.search.type("invoice");
    expect(pressable(detail())).toEqual([
      "App gone: open it",
      "Done",
      "Later",
      "Snooze",
      "Release to the desktop",
    ]);
    await desk.search.type("mira");
    expect([words(detail()).includes("took it back"), pressable(detail())]).toEqual([
      true,
      ["App gone: open it"],
    ]);
    await desk.search.type("rollout is");
    expect(pressable(detail())).toEqual(["Open"]);
  });
});

describe("the chosen one", () => {
  beforeEach(() => stand(closedView(), sampleItems()));

  it("shows its text, buttons, earlier texts and why it is here", () => {
    const html = detail();
    expect(pressable(html)).toEqual([
      "Open",
      "Show log",
      "Done",
      "Later",
      "Snooze",
      "Release to the desktop",
    ]);
    expect(words(html)).toContain("Held: no rule lets Woodpecker through during deep work.");
    expect(words(html)).toContain("Edited 3×: 3 earlier texts");
  });

  it("says what it is about, and where the addresses in its text lead", async () => {
    const body = "See https://example.org/a, or mailto:maya@example.org";
    host.hold([item({ id: 1, app: "Element", category: "message", body })]);
    await desk.held.refresh();
    const html = detail();
    expect(words(html)).toContain("Element · message · ");
    expect(words(html)).toContain("Leads to example.org Open in browser : example.org Copy address");
    expect(words(html)).toContain("Writes to maya@example.org Write a mail");
  });

  it("has no buttons and no release when it was noted by hand", async () => {
    await desk.gate.ask({ verb: "note", text: "Sam came by" });
    await desk.held.refresh();
    await desk.held.list.choice.choose(7);
    expect([words(detail()).includes("Noted by hand"), pressable(detail())]).toEqual([
      true,
      ["Done", "Later", "Snooze"],
    ]);
  });

  it("can be taken back when it was put off, and when it was just done", async () => {
    const { choice } = desk.held.list;
    await choice.choose(4);
    await choice.take("later");
    await choice.choose(4);
    expect(pressable(detail())).toContain("Bring back");
    await desk.search.type("store migrations");
    await desk.search.list.choice.take("done");
    expect(pressable(detail())).toContain("Hold it again");
  });
});

describe("a check-in", () => {
  it("asks where the user was, and can be closed; outside of one neither is there", async () => {
    await stand(openView({ checking_in: true, where_were_you: "At the loop" }), sampleItems());
    const html = header({ ...view(), held: 6 });
    expect(html).toMatch(/<input[^>]*value="At the loop"/);
    expect(pressable(html)).toEqual(
      expect.arrayContaining(["All to 11:30", "Mark all done", "Close check-in"]),
    );
    await desk.gate.ask({ verb: "close-check-in" });
    const outside = header({ ...view(), held: 6 });
    expect([outside.includes("Where were you"), pressable(outside).includes("Check in now")]).toEqual([
      false,
      true,
    ]);
  });

  it("ends with what was done, where the user was, and one way back to work", async () => {
    await stand(openView({ where_were_you: "Page 3" }), [item()]);
    await desk.checkIn.begin();
    await desk.held.list.choice.take("done");
    const { ended } = desk.checkIn;
    const html = draw(desk, CheckInEnd, { view: view(), ended: ended ?? { dealt: 0, later: 0 } });
    expect(words(html)).toContain("The one there was is dealt with. You were at: Page 3");
    expect(pressable(html)).toEqual(["Back to work"]);
    expect(words(list())).not.toContain("Nobody");
  });

  it("leaves out of all what was put off", async () => {
    await stand(openView());
    const put = header({ ...view(), held: 2, later: 2 });
    expect(pressable(put)).toEqual(["Check in now"]);
  });
});

describe("now", () => {
  const now = () => draw(desk, NowRoute, { view: view() });

  it("says during a block what it is for, the next check-in, the day's blocks, and what passed and why", async () => {
    await stand(closedView(), sampleItems());
    const said = words(now());
    expect(said).toContain("Draft the migration plan");
    expect(said).toContain("Next check-in 11:30");
    expect(said).toMatch(/Battery at 9 % .*safe list: power/);
    expect(now()).toContain("8:20–9:10 Read the storage paper; 9:15–9:40 Deep work");
    expect(pressable(now())).toEqual(
      expect.arrayContaining(["Check in now", "Extend by +15 min", "End block"]),
    );
  });

  it("shows where the user was once the check-in is over, not before", async () => {
    await stand(openView({ checking_in: true, where_were_you: "At the loop" }));
    expect(words(now())).not.toContain("You were at");
    await desk.gate.ask({ verb: "close-check-in" });
    expect(words(now())).toContain("You were at At the loop");
    await desk.gate.ask({ verb: "where-were-you", line: null });
    expect(words(now())).not.toContain("You were at");
  });

  it("shows what was noted, and the way to note more", async () => {
    await stand(openView());
    await desk.gate.ask({ verb: "note", text: "Sam came by about the invoice" });
    expect(words(now())).toContain("Sam came by about the invoice 10:36");
  });

  it("says which kinds pass a closed gate, as the settings have it, and that none does", async () => {
    await stand(openView());
    expect(words(now())).toContain("except power, alarms and security prompts .");
    for (const { key } of desk.settings.section("safe-list")) await desk.settings.set(key, "none");
    expect(words(now())).toContain("everything is held, and nothing passes .");
  });

  it("never claims to hold while it is not in the path", async () => {
    await stand(openView({ gate: { closed: false, because: null, in_path: false } }));
    expect(words(now())).toContain("a block is counted, but nothing is held");
  });
});

it("the help lists every key there is", async () => {
  await stand(openView());
  const said = words(draw(desk, KeysDialog, { onclose: () => undefined }));
  for (const { words, names } of BINDINGS) {
    expect(said).toContain(say(words));
    expect(names.every((name) => said.includes(name))).toBe(true);
  }
});

describe("the settings", () => {
  beforeEach(() => stand(openView()));
  const drawn = (part = "") => draw(desk, SettingsRoute, { part });
  const titles = (html: string) =>
    [...html.matchAll(/<h3[^>]*>(.*?)<\/h3>/gs)].map(([, title = ""]) => words(title));

  it("are all there, each day with its times as marks and as fields", () => {
    const html = drawn();
    expect(titles(html)).toEqual([
      "Check-ins",
      "Blocks and quiet",
      "Apps",
      "What always passes",
      "Data and about",
    ]);
    expect([...html.matchAll(/role="slider"/g)]).toHaveLength(13);
    expect(html).toContain('aria-valuetext="11:30"');
    expect(words(html)).toContain("No check-in Add a check-in on Sunday");
    expect(words(html)).toContain("18.0 MiB");
    expect(words(html)).toContain("Messages and pictures, at most");
  });

  it("are searched, an app by its name too", () => {
    expect(titles(drawn("weekday"))).toEqual(["Check-ins"]);
    expect(titles(drawn("pinentry"))).toEqual(["What always passes"]);
    const html = drawn("im.riot.Riot");
    expect(titles(html)).toEqual(["Apps"]);
    expect(words(html)).toContain("Element");
    expect(words(html)).not.toContain("Thunderbird");
    expect(words(drawn("zebra"))).toContain("No setting is about “zebra”.");
  });

  it("are drawn by their kind, whatever they are called", async () => {
    const [title, hint] = [saidElsewhere("Louder"), saidElsewhere("As `tidegate x` does")];
    const line = { title, hint, counts: true };
    const setting = { default: "", meaning: saidElsewhere(""), takes: saidElsewhere(""), group: "new" };
    const options = [
      { value: "a", label: saidElsewhere("One") },
      { value: "b", label: saidElsewhere("Other") },
    ];
    host.settings = {
      ...host.settings,
      groups: [{ id: "new", title: saidElsewhere("New"), words: saidElsewhere(""), panel: null }],
      settings: [
        { ...setting, key: "new.a", value: "yes", line: { ...line, control: { kind: "switch" } } },
        { ...setting, key: "new.b", value: "b", line: { ...line, control: { kind: "choice", options } } },
        {
          ...setting,
          key: "new.c",
          value: "7",
          line: {
            ...line,
            counts: false,
            control: { kind: "number", least: 1, most: 9, unit: saidElsewhere("MiB") },
          },
        },
      ],
    };
    await desk.settings.refresh();
    const html = drawn();
    expect(titles(html)).toEqual(["New"]);
    expect(html).toMatch(/<code[^>]*>tidegate x<\/code>/);
    expect(html).toMatch(/<input type="checkbox" checked[^>]*>/);
    expect(html).toMatch(/<option value="b" selected[^>]*>Other/);
    expect(html).toMatch(/<input type="number" min="1" max="9" value="7" disabled[^>]*>/);
    expect(words(html)).toContain("MiB");
    expect(titles(drawn("louder"))).toEqual(["New"]);
  });

  it("tell a mistake in the file with its line, and what holds meanwhile", async () => {
    const text = "/home/ana/.config/tidegate/settings.toml, line 2: monday: 25:00 is not a time of day";
    host.settings = {
      ...host.settings,
      mistake: {
        code: "settings",
        text: saidElsewhere(text),
        remedy: saidElsewhere("Write times as 11:30."),
      },
    };
    await desk.settings.refresh();
    expect(words(drawn())).toContain(
      `${text}; these are the values that hold meanwhile Write times as 11:30.`,
    );
  });

  it("change one at a time, and show what is in force then", async () => {
    await desk.settings.set("check-ins.monday", "10:00");
    expect(host.asked.at(-1)).toEqual({ verb: "set", key: "check-ins.monday", value: "10:00" });
    expect(desk.settings.of("check-ins.monday")?.value).toBe("10:00");
    host.failing.set("set", "invalid");
    expect(await desk.settings.set("check-ins.monday", "25:00")).toBe(false);
    expect(desk.settings.of("check-ins.monday")?.value).toBe("10:00");
  });
});

describe("time away", () => {
  const away = (change: Partial<View>) =>
    draw(desk, NowRoute, { view: openView({ time_away: 23 * 60_000, ...change }) });

  it("asks whether it counts, in a block and after it", async () => {
    await stand(closedView({ time_away: 23 * 60_000 }));
    expect(words(draw(desk, NowRoute, { view: view() }))).toContain("You were away 23 min: count it?");
    expect(pressable(away({})).slice(0, 2)).toEqual(["Count it", "Leave it out"]);
  });

  it("is not counted as deep work once it is left out", async () => {
    await stand(closedView({ time_away: 23 * 60_000 }));
    await desk.gate.ask({ verb: "count-time-away", counts: false });
    expect(view().block?.left_out).toBe(23 * 60_000);
    expect(words(draw(desk, NowRoute, { view: view() }))).not.toContain("You were away");
  });
});

describe("what is over", () => {
  const started = openView().now - 50 * 60_000;
  const ended = { is_break: false, intention: "Draft", started, ended: openView().now, left_out: 0 };

  it("says what the block was for, and offers another of the usual length", async () => {
    await stand(openView({ ended, held: 12 }));
    const html = draw(desk, NowRoute, { view: view() });
    expect(words(html)).toContain("50 min of Draft 12 held.");
    expect(pressable(html).slice(0, 4)).toEqual(["Another 50 min", "Review", "Break, 5 min", "Put away"]);
  });

  it("asks after a break, and leads back to the intention", async () => {
    await stand(openView({ ended: { ...ended, is_break: true } }));
    const html = draw(desk, NowRoute, { view: view() });
    expect(words(html)).toContain("Back to Draft? Nothing is held.");
    expect(pressable(html)[0]).toBe("Back to work");
  });

  it("is not there while a break lasts, which says how long and what comes next", async () => {
    const { now } = openView();
    await stand(openView({ on_break: { intention: "Draft", started: now, ends: now + 300_000 } }));
    const text = words(draw(desk, NowRoute, { view: view() }));
    expect(text).toContain("left The gate is open: everything passes. Next: Draft. Back to work");
  });
});
