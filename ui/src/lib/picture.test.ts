// The addresses of pictures, and what is remembered of them.
import { expect, it } from "vitest";
import { appPicture, hasPicture, rememberPicture, rowPicture } from "./picture";

it("names a row by its cursor, and an app by its id, whatever that is", () => {
  expect(rowPicture(-3)).toBe("picture://localhost/row/-3?size=64");
  expect(appPicture("org.gnome.Calls")).toBe("picture://localhost/app/org.gnome.Calls?size=64");
  expect(appPicture("../../etc?x#y")).toBe("picture://localhost/app/..%2F..%2Fetc%3Fx%23y?size=64");
  expect(appPicture("a\ud800")).toBe("picture://localhost/app/a%EF%BF%BD?size=64");
});

it("remembers what is there and what is not, and not without end", () => {
  const one = rowPicture(1);
  expect(hasPicture(one)).toBeNull();
  rememberPicture(one, false);
  rememberPicture(rowPicture(2), true);
  expect([hasPicture(one), hasPicture(rowPicture(2))]).toEqual([false, true]);
  for (let seq = 10; seq < 10_000; seq += 1) rememberPicture(rowPicture(seq), false);
  expect([hasPicture(one), hasPicture(rowPicture(9_999))]).toEqual([null, false]);
});
