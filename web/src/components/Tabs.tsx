import * as Radix from "@radix-ui/react-tabs";
import type { ReactNode } from "react";

interface TabsProps<T extends string> {
  label: string;
  tabs: readonly { value: T; text: string; content: ReactNode }[];
  value: T;
  onChange: (value: T) => void;
}

/** Several views, of which one is in sight; the arrow keys go from one to the next. */
export function Tabs<T extends string>({ label, tabs, value, onChange }: TabsProps<T>) {
  return (
    <Radix.Root value={value} onValueChange={(chosen) => onChange(tabs.find((tab) => tab.value === chosen)?.value ?? value)} className="flex min-w-0 flex-col gap-3">
      <Radix.List aria-label={label} className="flex gap-4 overflow-x-auto border-b border-line">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px border-b-2 border-transparent py-1.5 text-[0.8125rem] font-medium whitespace-nowrap text-ink-soft hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.text}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="min-w-0">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
