// Which addresses are found in a text, and where they are said to lead.
import { expect, it } from "vitest";
import { links } from "./links";

const found = (text: string) => links(text).map(({ address, host }) => [address, host]);

it("finds addresses without the sentence around them, each once", () => {
  expect(
    found("See https://example.org/a?b=1#c, (http://example.net/x). Again: https://example.org/a?b=1#c"),
  ).toEqual([
    ["https://example.org/a?b=1#c", "example.org"],
    ["http://example.net/x", "example.net"],
  ]);
});

it("says the host that is looked up, not the one that it looks like", () => {
  expect(found("https://bank.example@evil.example/ https://аpple.example/")).toEqual([
    ["https://bank.example@evil.example/", "evil.example"],
    ["https://аpple.example/", "xn--pple-43d.example"],
  ]);
});

it("finds nothing that is no address of the web", () => {
  expect(found("javascript:alert(1) file:///etc/passwd mailto:a@b.example http:// https://[bad")).toEqual([]);
});

it("finds a handful of thousands", () => {
  const many = Array.from({ length: 5_000 }, (_, index) => `https://example.org/${index}`).join(" ");
  expect(found(many)).toHaveLength(8);
});
