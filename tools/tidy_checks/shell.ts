import { faultsFrom } from "./programs.ts";
import { type Check, isShell, written } from "./tree.ts";

export const shell: Check = {
  name: "shell",
  rule: "shell scripts pass shellcheck",
  run: (tree) =>
    faultsFrom(
      tree,
      "shellcheck",
      ["--format=gcc", "--exclude=SC2016,SC2317"],
      written(tree).filter((path) => isShell(tree, path)),
    ),
};
