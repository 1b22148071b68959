// Sample data for the fake host: one ordinary morning. Used by tests and by `npm run dev`, never by the real window.
import type {
  AppsView,
  Detail,
  Item,
  ItemState,
  Setting,
  SettingControl,
  SettingLine,
  SettingsGroup,
  SettingsPanel,
  SettingsView,
  View,
} from "../contract";
import { saidElsewhere } from "../words/told";

const MINUTE = 60_000;
/** The app of which there is no desktop entry. */
export const NOT_INSTALLED = "org.example.Script";
/** 2026-03-03 10:36:48 in Berlin, a Tuesday. */
export const NOW = Date.UTC(2026, 2, 3, 9, 36, 48);
const at = (hours: number, minutes: number) => Date.UTC(2026, 2, 3, hours - 1, minutes);

/** A view with the gate open and nothing held. */
export function openView(change: Partial<View> = {}): View {
  return {
    revision: 1,
    now: NOW,
    zone: "Europe/Berlin",
    gate: { closed: false, because: null, in_path: true },
    block: null,
    blocks_today: [],
    on_break: null,
    ended: null,
    time_away: null,
    usual_length: { kind: "minutes", minutes: 50 },
    intentions: [],
    deep_work: { today: 0, week: 0 },
    next_check_in: at(11, 30),
    check_ins_today: [at(11, 30), at(14, 0), at(16, 30)],
    ready: false,
    checking_in: false,
    worked_off: false,
    handed_over: null,
    where_were_you: null,
    held: 0,
    later: 0,
    to_be_released: 0,
    withdrawn: 0,
    noted: [],
    held_apps: 0,
    held_revision: 0,
    period: 1,
    ledger: {
      since: at(9, 0),
      carried: 0,
      came_in: 0,
      held: 0,
      passed: 0,
      withdrawn: 0,
      muted: 0,
      expired: 0,
      released: 0,
      done: 0,
      feedback: 0,
      only_counted: 0,
      balanced: true,
      absences: [],
    },
    let_through: [],
    undoable: null,
    renderer: { name: "dunst 1.9.0", up: true },
    troubles: [],
    ...change,
  };
}

/** A view in the middle of a block, with a list of held ones. */
export function closedView(change: Partial<View> = {}): View {
  const items = sampleItems();
  return openView({
    gate: { closed: true, because: { kind: "block" }, in_path: true },
    block: {
      intention: "Draft the migration plan",
      started: at(9, 58),
      ends: { kind: "check-in", at: at(11, 30) },
      left_out: 0,
    },
    blocks_today: [
      { intention: "Read the storage paper", started: at(8, 20), ended: at(9, 10) },
      { intention: null, started: at(9, 15), ended: at(9, 40) },
    ],
    intentions: ["Draft the migration plan", "Read the storage paper"],
    deep_work: { today: 75 * MINUTE, week: 400 * MINUTE },
    held: items.length,
    held_apps: new Set(items.map((item) => item.app_id)).size,
    ledger: {
      ...openView().ledger,
      carried: 2,
      came_in: items.length + 8,
      held: items.length,
      passed: 3,
      withdrawn: 5,
      muted: 2,
    },
    let_through: [
      {
        id: 900,
        app: "UPower",
        summary: "Battery at 9 %",
        at: at(10, 12),
        why: { id: "reason-safe-list-short", args: { entry: { text: "power" } } },
      },
    ],
    ...change,
  });
}

/** One held interruption. */
export function item(change: Partial<Item> = {}): Item {
  const id = change.id ?? 1;
  return {
    id,
    seq: id,
    app: "GitHub",
    app_id: "org.github.Desktop",
    arrived: at(10, 36) - 10 * MINUTE,
    summary: "Review requested: store migrations",
    body: "Your review is asked for on #214. Two files changed, tests are green. No hurry: any time today.",
    actions: [],
    has_default: true,
    inline_reply: null,
    live: true,
    may_have_forgotten: false,
    script_went_on: false,
    state: "held",
    later: false,
    snoozed_until: null,
    noted: false,
    edited: 0,
    urgency: 1,
    category: null,
    text_dropped: false,
    ...change,
  };
}

/** What is held that morning, oldest first. */
export function sampleItems(): Item[] {
  const chat = { app: "Element", app_id: "im.riot.Riot", inline_reply: "Reply to #platform" };
  const mail = { app: "Thunderbird", app_id: "org.mozilla.Thunderbird" };
  return [
    item({
      id: 1,
      arrived: at(9, 58),
      app: "Woodpecker",
      app_id: "ci.woodpecker",
      summary: "Build 5812 failed on main",
      body: "Step “test” ended with 1. Newest of four messages about this build.",
      actions: [{ key: "log", label: "Show log" }],
      edited: 3,
    }),
    item({
      id: 2,
      ...chat,
      arrived: at(10, 2),
      category: "message",
      summary: "#standup",
      body: "Moved to 14:00 today",
    }),
    item({
      id: 3,
      ...mail,
      arrived: at(10, 20),
      summary: "Invoice 2231 is due",
      body: "accounting@example.org: please find attached the invoice for February.",
      live: false,
    }),
    item({
      id: 4,
      arrived: at(10, 30),
      actions: [
        { key: "view", label: "View pull request" },
        { key: "later", label: "Remind me tomorrow" },
      ],
    }),
    item({
      id: 5,
      ...chat,
      arrived: at(10, 31),
      summary: "#platform",
      body: "Can you look at the rollout note before lunch?",
      actions: [{ key: "mark-read", label: "Mark as read" }],
      may_have_forgotten: true,
    }),
    item({
      id: 6,
      app: "שרה",
      app_id: "org.telegram.desktop",
      arrived: at(10, 33),
      summary: "פגישה מחר 👩‍👩‍👧‍👦",
      body: "האם מחר ב־10:00 מתאים לך? (call me back)",
    }),
  ];
}

/** What came earlier and is not held any more, oldest first: one in each state. */
export function sampleHistory(): Item[] {
  const earlier = (id: number, state: ItemState, summary: string, change: Partial<Item> = {}) =>
    item({ id, state, summary, arrived: at(8, 0) + id * MINUTE, live: false, body: "", ...change });
  const calls = { app: "Calls", app_id: "org.gnome.Calls" };
  const chat = { app: "Element", app_id: "im.riot.Riot" };
  const music = { app: "Spotify", app_id: "com.spotify.Client" };
  return [
    earlier(-8, "passed", "Anna Becker is calling", calls),
    earlier(-7, "withdrawn", "Mira", { ...chat, body: "Are you in today?" }),
    earlier(-6, "muted", "New releases for you", music),
    earlier(-5, "expired", "Connected to office Wi-Fi", { app: "Network", app_id: "nm-applet" }),
    earlier(-4, "released", "#platform", { ...chat, body: "The rollout note is out", live: true }),
    earlier(-3, "done", "Review requested: ledger", { body: "Three files changed.", edited: 1 }),
  ];
}

const WHY: Record<ItemState, (app: string) => string> = {
  held: (app) => `Held: no rule lets ${app} through during deep work.`,
  passed: (app) => `Let through: a rule passes ${app}.`,
  withdrawn: (app) => `Withdrawn: ${app} took it back at 8:40.`,
  muted: (app) => `Muted: a rule mutes ${app}.`,
  expired: () => "Expired: its app gave it 10 seconds.",
  released: () => "Released: you gave it to the desktop at 9:02.",
  done: () => "Done: you dealt with it at 9:04.",
};

/** All there is to know of one. */
export function detailOf(of: Item): Detail {
  const revisions = Array.from({ length: of.edited }, (_, index) => ({
    replaced: of.arrived + (index + 1) * MINUTE,
    summary: `Build ${5809 + index} failed on main`,
    body: `Attempt ${index + 1}`,
  }));
  return {
    item: of,
    revisions,
    why: [saidElsewhere(WHY[of.state](of.app))],
    put_off_until: null,
    desktop_entry: of.app_id,
    opens: of.live || of.noted || of.app_id === NOT_INSTALLED ? null : of.app,
    remarks: of.may_have_forgotten
      ? [saidElsewhere("Its app was restarted since: it may have forgotten this one.")]
      : [],
  };
}

/** The settings of somebody who has changed two of them. */
export function sampleSettings(): SettingsView {
  const of = (key: string, group: string, value: string, known = value): Setting => ({
    key,
    value,
    default: known,
    meaning: saidElsewhere(key),
    takes: saidElsewhere(""),
    group,
    line: null,
  });
  const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
  const day = (name: string, index: number): Setting => {
    const value = index < 5 ? "11:30,14:00,16:30" : "none";
    return of(`check-ins.${name}`, "check-ins", name === "friday" ? "11:30" : value, value);
  };
  const line = (title: string, hint: string, control: SettingControl, counts = true): SettingLine => ({
    title: saidElsewhere(title),
    hint: saidElsewhere(hint),
    counts,
    control,
  });
  const lengths = [
    { value: "last", label: saidElsewhere("As long as the last one") },
    { value: "25", label: saidElsewhere("25 minutes") },
  ];
  const group = (id: string, title: string, words: string, panel: SettingsPanel | null): SettingsGroup => ({
    id,
    title: saidElsewhere(title),
    words: saidElsewhere(words),
    panel,
  });
  return {
    file: "/home/ana/.config/tidegate/settings.toml",
    mistake: null,
    groups: [
      group("check-ins", "Check-ins", "time day weekday", "check-ins"),
      group("blocks", "Blocks and quiet", "usual idle", null),
      group("apps", "Apps", "rule pass mute", "apps"),
      group("safe-list", "What always passes", "safe list", "safe-list"),
      group("about", "Data and about", "disk folder file version", "about"),
    ],
    settings: [
      ...days.map(day),
      {
        ...of("blocks.length", "blocks", "last"),
        line: line("A block that is given no length", "By Enter, or by `tidegate start`", {
          kind: "choice",
          options: lengths,
        }),
      },
      {
        ...of("quiet.hold", "blocks", "no", "yes"),
        line: line("Hold while an app asks for quiet", "When you present", { kind: "switch" }),
      },
      {
        ...of("quiet.end-notice", "blocks", "yes"),
        line: line("Say afterwards what was held", "By a notice", { kind: "switch" }, false),
      },
      of("safe-list.power", "safe-list", "gsd-power,upowerd"),
      of("safe-list.alarms", "safe-list", "gnome-clocks,my-alarm", "gnome-clocks"),
      of("safe-list.security prompts", "safe-list", "pinentry-gtk-2,gcr-prompter"),
      of("safe-list.calendar reminders", "safe-list", "none", "korgac"),
      {
        ...of("storage.most-megabytes", "about", "256"),
        line: line("Messages and pictures, at most", "Beyond it the oldest go", {
          kind: "number",
          least: 1,
          most: 1_000_000,
          unit: saidElsewhere("MiB"),
        }),
      },
    ],
    data: { folder: "/home/ana/.local/share/tidegate", bytes: 18_874_368 },
    version: "0.1.0",
  };
}

/** Who sent something in the last 30 days. */
export function sampleApps(): AppsView {
  const app = (
    app_id: string,
    name: string,
    came_in: number,
    acted: number,
    rule = "none",
    hand_over = "digest",
  ) => ({
    app_id,
    app: name,
    came_in,
    acted,
    rule,
    hand_over,
  });
  return {
    since: NOW - 28 * 24 * 60 * MINUTE,
    rules: ["none", "hold", "pass", "pass-trusted", "mute"].map((value) => ({
      value,
      label: saidElsewhere(value),
    })),
    ways: ["digest", "re-deliver", "silent"].map((value) => ({ value, label: saidElsewhere(value) })),
    apps: [
      app("im.riot.Riot", "Element", 812, 96),
      app("org.mozilla.Thunderbird", "Thunderbird", 344, 120, "none", "re-deliver"),
      app("com.github.desktop", "GitHub", 61, 20),
      app("org.woodpecker.ci", "Woodpecker", 40, 0, "mute"),
      app("com.example.Pager", "Pager", 0, 0, "pass-trusted"),
    ],
  };
}
