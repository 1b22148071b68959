// Runes everywhere, and a warning is an error.
export default {
  compilerOptions: { runes: true },
};
