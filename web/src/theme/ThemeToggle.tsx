import { useState } from "react";
import { Icon } from "../components/Icon";
import { applyTheme, readTheme, THEMES, type Theme } from "./theme";

const ICONS = { system: "display", light: "sun", dark: "moon" } as const;

/** A button that steps through the system's theme, light and dark. */
export function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>(readTheme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  const choose = () => {
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" className="button-quiet" onClick={choose} aria-label={`Theme: ${theme}. Switch to ${next}`} title={`Theme: ${theme}`}>
      <Icon name={ICONS[theme]} />
    </button>
  );
}
