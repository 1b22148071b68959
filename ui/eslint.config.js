// What review would otherwise have to catch; above all, text from outside never becomes markup.
import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

export default ts.config(
  { ignores: ["dist/", "src/lib/contract/"] },
  js.configs.recommended,
  ts.configs.strict,
  svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "svelte/no-at-html-tags": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Text from outside is only ever text." },
        { property: "outerHTML", message: "Text from outside is only ever text." },
        { property: "insertAdjacentHTML", message: "Text from outside is only ever text." },
      ],
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    // One door to the host: everything else runs on a fake one.
    files: ["src/**"],
    ignores: ["src/lib/host/tauri.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: ["@tauri-apps/*"] }] },
  },
  {
    // Shared parts know no feature.
    files: ["src/components/shared/**"],
    rules: {
      "no-restricted-imports": ["error", { patterns: ["@tauri-apps/*", "**/features/**", "**/state/**"] }],
    },
  },
  {
    // A feature knows itself, the shared parts and the library: no other feature, and nothing that is made of features.
    files: ["src/features/*/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["@tauri-apps/*"] },
            { regex: "^\\.\\./(?!\\.\\./(?:components|lib)/)", message: "A feature knows no other." },
          ],
        },
      ],
    },
  },
);
