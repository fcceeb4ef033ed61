import { Link, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { signOut } from "../../session/ask";
import { nameOf } from "../../session/mayManage";
import { useCaller } from "../../session/useCaller";
import { applyTheme, readTheme, type Theme } from "../../theme/theme";
import { Icon } from "../Icon";
import { Menu, MenuChoice, MenuItem, MenuLine, MenuLink } from "../Menu";

const THEME_OPTIONS: readonly { value: Theme; text: string }[] = [
  { value: "system", text: "As the system" },
  { value: "light", text: "Light" },
  { value: "dark", text: "Dark" },
];

interface UserMenuProps {
  isWide: boolean;
  onHelp: () => void;
}

/** Who is signed in and where, the theme, help and the way out. */
export function UserMenu({ isWide, onHelp }: UserMenuProps) {
  const caller = useCaller();
  const { routesByPath } = useRouter();
  const [theme, setTheme] = useState<Theme>(readTheme);
  const choose = (next: Theme) => {
    applyTheme(next);
    setTheme(next);
  };
  const organization = caller.data?.name ?? "Organisation";
  const who = caller.data ? nameOf(caller.data) : "";
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className="flex h-11 w-full min-w-0 items-center gap-2.5 rounded-md px-2 text-left hover:bg-raised">
          <span aria-hidden="true" className="grid size-6 shrink-0 place-items-center rounded-md bg-accent-wash text-xs font-semibold text-accent">
            {organization.slice(0, 1).toUpperCase()}
          </span>
          <span className={isWide ? "min-w-0 leading-tight" : "sr-only"}>
            <span className="sr-only">Account: </span>
            <span className="block truncate text-[0.8125rem] font-medium">{organization}</span>
            <span className="block truncate text-xs text-ink-faint">{who}</span>
          </span>
        </button>
      }
    >
      <MenuChoice label="Theme" options={THEME_OPTIONS} value={theme} onChange={choose} />
      <MenuLine />
      {"/settings" in routesByPath && (
        <MenuLink>
          <Link to={"/settings" as string}>
            <Icon name="gear" />
            Settings
          </Link>
        </MenuLink>
      )}
      <MenuLink>
        <a href="/docs" target="_blank" rel="noreferrer">
          <Icon name="link" />
          API reference
        </a>
      </MenuLink>
      <MenuItem onSelect={onHelp}>
        <Icon name="keyboard" />
        Keyboard shortcuts
      </MenuItem>
      <MenuLine />
      <MenuItem onSelect={() => void signOut()}>
        <Icon name="exit" />
        Sign out
      </MenuItem>
    </Menu>
  );
}
