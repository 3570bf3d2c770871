import { describe, expect, it } from "vitest";
import { writtenText } from "./check-strings.mjs";

const texts = (source, file = "a.tsx") => writtenText(file, source).map(({ text }) => text);

describe("text that was written into the code", () => {
  it.each([
    ["in an element", "const x = <p>Nothing here</p>;", "Nothing here"],
    ["as an expression in an element", 'const x = <p>{busy ? "saving" : null}</p>;', "saving"],
    ["in a prop that is read", 'const x = <Field label="Name" />;', "Name"],
    ["in a prop that is heard", 'const x = <button aria-label="Close" />;', "Close"],
    ["chosen in a prop", 'const x = <Field error={bad ? "Give a number." : null} />;', "Give a number."],
    ["with a name in it", "const x = <Field label={`Delete ${name}`} />;", "Delete"],
    ["in a table of words", 'const WORDS = { a: { label: "Running" } };', "Running"],
    ["as a sentence anywhere", 'const why = "The name is the same.";', "The name is the same."],
  ])("is found %s", (_where, source, text) => {
    expect(texts(source)).toEqual([text]);
  });

  it.each([
    ["what comes from the language files", 'const x = <Field label={t("name")} />;'],
    ["class names", 'const x = <p className="Text here bad">{count}</p>;'],
    ["ids, keys and types", 'type A = "Some Thing."; const x = <A key="Name" kind="Disk" />; const y = a === "Running";'],
    ["names that are the same everywhere", "const x = <p>Indium</p>;"],
    ["code", "const x = <code>npm start</code>;"],
    ["what says so", '// same in every language: an example\nconst x = <Input placeholder="My web server" />;'],
    ["errors for those who read logs", 'throw new Error("There is no provider.");'],
  ])("is not %s", (_what, source) => {
    expect(texts(source)).toEqual([]);
  });

  it("is told with its line", () => {
    expect(writtenText("a.tsx", "\n\nconst x = <p>Here</p>;")).toEqual([{ line: 3, text: "Here" }]);
  });
});
