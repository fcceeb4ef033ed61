import * as Radix from "@radix-ui/react-dropdown-menu";
import type { ReactNode } from "react";

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  align?: "start" | "end";
  children: ReactNode;
}

const ITEM =
  "flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 text-[0.8125rem] outline-none select-none data-disabled:cursor-not-allowed data-disabled:opacity-45 data-highlighted:bg-raised";

/** A menu that a button opens; the arrow keys and first letters move in it. */
export function Menu({ trigger, align = "end", children }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} sideOffset={6} collisionPadding={8} className="z-40 max-h-[calc(100dvh-4rem)] min-w-44 overflow-y-auto rounded-lg border border-line bg-surface p-1 shadow-xl">
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  onSelect: () => void;
  isDisabled?: boolean;
  children: ReactNode;
}

/** Something that can be done. */
export function MenuItem({ onSelect, isDisabled = false, children }: MenuItemProps) {
  return (
    <Radix.Item className={ITEM} disabled={isDisabled} onSelect={onSelect}>
      {children}
    </Radix.Item>
  );
}

/** A link: its child must be one. */
export function MenuLink({ children }: { children: ReactNode }) {
  return (
    <Radix.Item asChild className={ITEM}>
      {children}
    </Radix.Item>
  );
}

interface MenuChoiceProps<T extends string> {
  label: string;
  options: readonly { value: T; text: string }[];
  value: T;
  onChange: (value: T) => void;
}

/** One of several. */
export function MenuChoice<T extends string>({ label, options, value, onChange }: MenuChoiceProps<T>) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(chosen) => onChange(options.find((option) => option.value === chosen)?.value ?? value)}>
      <MenuHeading>{label}</MenuHeading>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={ITEM}>
          <span className={`size-1.5 rounded-full ${option.value === value ? "bg-accent" : ""}`} aria-hidden="true" />
          {option.text}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuHeading({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 text-xs text-ink-faint">{children}</Radix.Label>;
}

export function MenuLine() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}
