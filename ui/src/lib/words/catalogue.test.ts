// What a catalogue says, in which language, and that it never throws, whatever is missing or comes from outside.
import { describe, expect, it } from "vitest";
import { Catalogue } from "./catalogue";

const EN = `
plain = Nothing is held
named = “{ $name }” was not put off
held =
    { $count ->
        [one] { $count } notification held
       *[other] { $count } notifications held
    }
padded = { $hours } h { NUMBER($minutes, minimumIntegerDigits: 2) }
rule = All but { $link } of { $name }
    .link = the { $kind } ones
    .label = Rule
`;
const DE = `
plain = Nichts wird gehalten
held =
    { $count ->
        [one] { $count } Benachrichtigung gehalten
       *[other] { $count } Benachrichtigungen gehalten
    }
rule = { $name }: alle außer { $link }
    .link = { $kind }
`;
const files = {
  "../locales/en/window.ftl": EN,
  "../locales/de/window.ftl": DE,
  "../locales/pt-BR/window.ftl": "plain = Nada",
};
const english = new Catalogue(files, []);
const german = new Catalogue(files, ["fr", "de-AT", "en"]);

describe("a catalogue", () => {
  it("says a message with its parameters", () => {
    expect(english.say("plain")).toBe("Nothing is held");
    expect(english.say("named", { name: "Build" })).toBe("“Build” was not put off");
    expect(english.say("rule.label")).toBe("Rule");
  });

  it("chooses the plural, and sets no digits of a number apart", () => {
    const held = [0, 1, 12_345].map((count) => english.say("held", { count }));
    expect(held).toEqual(["0 notifications held", "1 notification held", "12345 notifications held"]);
    expect(english.say("padded", { hours: 2, minutes: 5 })).toBe("2 h 05");
  });

  it("speaks the first language that there is, and says in full English what that has not", () => {
    expect([german.language, german.say("plain"), german.say("held", { count: 1 })]).toEqual([
      "de",
      "Nichts wird gehalten",
      "1 Benachrichtigung gehalten",
    ]);
    expect(german.say("named", { name: "Build" })).toBe("“Build” was not put off");
  });

  it.each([
    [[], "en"],
    [["C"], "en"],
    [[""], "en"],
    [["xx-nonsense-!!"], "en"],
    [["en-GB", "de"], "en"],
    [["DE"], "de"],
    [["pt-br-x-old"], "pt-BR"],
    [["pt"], "en"],
  ])("takes %j for %s", (wanted, language) => {
    expect(new Catalogue(files, wanted).language).toBe(language);
  });

  it("says the id of what it does not have, and shows what was not given, without throwing", () => {
    expect(english.say("no-such-message", { name: "x" })).toBe("no-such-message");
    expect(english.say("rule.no-such-attribute")).toBe("rule.no-such-attribute");
    expect(english.say("named")).toBe("“{$name}” was not put off");
    expect(english.say("held", { count: "many" })).toBe("many notifications held");
    expect(new Catalogue({}, ["de"]).say("plain")).toBe("plain");
    expect(english.say("constructor")).toBe("constructor");
  });

  it.each(["{ plain }", "{ $count }", "a\n.b = c", '{ "', "\u202e\ufdd0x\ufdd1", "plain"])(
    "keeps %j as text",
    (name) => {
      expect(english.say("named", { name })).toBe(`“${name}” was not put off`);
    },
  );
});

describe("a sentence in pieces", () => {
  it("is cut at its places, wherever a language has them, each with its words", () => {
    const args = { name: "mail", kind: "urgent" };
    const link = { place: "link", words: "the urgent ones" };
    expect(english.pieces("rule", args, ["link"])).toEqual(["All but ", link, " of mail"]);
    expect(german.pieces("rule", args, ["link", "name"])).toEqual([
      "",
      { place: "name", words: "mail" },
      ": alle außer ",
      { place: "link", words: "urgent" },
      "",
    ]);
  });

  it("has the plural of a number that is drawn by itself", () => {
    expect(english.pieces("held", { count: 1 }, ["count"])).toEqual([
      "",
      { place: "count", words: "1" },
      " notification held",
    ]);
  });

  it("is one piece without places, and its id where it is not known", () => {
    expect(english.pieces("plain", {}, ["link"])).toEqual(["Nothing is held"]);
    expect(english.pieces("no-such-message", {}, ["link"])).toEqual(["no-such-message"]);
  });

  it("is not cut by text from outside", () => {
    const evil = "\ufdd0link\ufdd2forged\ufdd1";
    expect(english.pieces("rule", { name: evil, kind: evil }, ["link"])).toEqual([
      "All but ",
      { place: "link", words: "the linkforged ones" },
      " of linkforged",
    ]);
  });
});
