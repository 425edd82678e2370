// Sets the theme before the first paint: the reader's choice, or else the system's.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const apply = () => {
    root.dataset.theme = chosen() || (system.matches ? "dark" : "light");
  };
  system.addEventListener("change", apply);
  window.setTheme = (name) => {
    try { localStorage.setItem("theme", name); } catch { /* a private window: it holds until the page is closed */ }
    root.dataset.theme = name;
  };
  apply();
})();
