// Which addresses are found in a text, and where they are said to lead.
import { expect, it } from "vitest";
import { links } from "./links";

const found = (text: string) => links(text).map(({ address, where }) => [address, where]);

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

it("says the end of a long host, by which it is known", () => {
  expect(found(`https://${"bank.example.".repeat(18)}evil.example/`)[0]?.[1]).toMatch(
    /^….{87}\.evil\.example$/u,
  );
});

it("finds whom a mail goes to, and nothing that would be written in it", () => {
  const text = "mailto:maya@example.org?attach=/etc/passwd&bcc=x@evil.example";
  expect(links(text)).toEqual([
    { address: "mailto:maya@example.org", where: "maya@example.org", isMail: true },
  ]);
});

it("finds no other address", () => {
  const text =
    "javascript:alert(1) file:///etc/passwd xmailto:a@b.example mailto:nobody http:// https://[bad";
  expect(found(text)).toEqual([]);
});

it("finds a handful of thousands", () => {
  const many = Array.from({ length: 5_000 }, (_, index) => `https://example.org/${index}`).join(" ");
  expect(found(many)).toHaveLength(8);
});
