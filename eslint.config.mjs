// Checks javascript/, which both WebUIs load as classic scripts, and its unit tests.

import js from "@eslint/js";
import globals from "globals";

export default [
    {ignores: ["build/", "out/", ".venv/"]},
    js.configs.recommended,
    {
        linterOptions: {reportUnusedDisableDirectives: "error"},
        rules: {
            "array-callback-return": "error",
            "consistent-return": "error",
            "curly": ["error", "multi-line"],
            "default-param-last": "error",
            "eqeqeq": "error",
            "no-else-return": "error",
            "no-implicit-globals": "error",
            "no-param-reassign": "error",
            "no-shadow": "error",
            "no-throw-literal": "error",
            "no-unused-expressions": "error",
            "no-use-before-define": ["error", {functions: false, classes: false, variables: false}],
            "no-var": "error",
            "object-shorthand": "error",
            "prefer-arrow-callback": "error",
            "prefer-const": "error",
            "prefer-template": "error",
        },
    },
    {
        files: ["javascript/**/*.js"],
        languageOptions: {sourceType: "script", globals: globals.browser},
        rules: {
            // Each script defines one name that other scripts use; tsc finds names that nobody defines.
            "no-undef": "off",
            "no-unused-vars": ["error", {vars: "local", ignoreRestSiblings: true}],
            // The page's texts are in lib_omost/ui/texts.py, where the WebUI's language reaches them.
            "no-restricted-syntax": ["error", {
                selector: ":matches(Literal[value=/^[A-Z][a-z]+ [a-z]/], "
                    + "TemplateElement[value.raw=/^[A-Z][a-z]+ [a-z]/])",
                message: "A sentence for users belongs into lib_omost/ui/texts.py.",
            }],
        },
    },
    {
        files: ["**/*.mjs"],
        languageOptions: {globals: globals.nodeBuiltin},
    },
];
