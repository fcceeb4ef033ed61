import type { FormEventHandler, ReactNode } from "react";
import { ThemeToggle } from "../theme/ThemeToggle";
import { Mark } from "./Mark";

interface AccountFrameProps {
  title: string;
  onSubmit: FormEventHandler<HTMLFormElement>;
  children: ReactNode;
}

/** The page around a form for somebody who is not signed in. */
export function AccountFrame({ title, onSubmit, children }: AccountFrameProps) {
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="absolute top-3 right-4">
        <ThemeToggle />
      </div>
      <form className="panel flex w-full max-w-md flex-col gap-4 p-6 sm:p-8" onSubmit={onSubmit}>
        <div className="flex items-center gap-2.5">
          <Mark />
          <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
        </div>
        {children}
      </form>
    </main>
  );
}
