import { Link, useRouter } from "@tanstack/react-router";
import { Icon } from "../Icon";
import { PAGE_GROUPS } from "./pages";

interface NavigationProps {
  /** Whether there is room for the pages' names. */
  isWide: boolean;
  onGo?: () => void;
}

/** The pages in their groups. */
export function Navigation({ isWide, onGo }: NavigationProps) {
  const { routesByPath } = useRouter();
  return (
    <nav aria-label="Main" className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto px-2 py-2">
      {PAGE_GROUPS.map(({ title, pages }) => (
        <section key={title} aria-label={title}>
          <h2 className={isWide ? "px-2 pb-0.5 text-[0.6875rem] font-medium tracking-wide text-ink-faint" : "sr-only"}>{title}</h2>
          <ul className="flex flex-col gap-px">
            {pages
              .filter(({ to }) => to in routesByPath)
              .map(({ to, text, icon, key }) => (
                <li key={to}>
                  <Link
                    to={to}
                    title={isWide ? `g then ${key}` : `${text} (g then ${key})`}
                    {...(onGo && { onClick: onGo })}
                    className="flex h-8 items-center gap-2.5 rounded-md px-2 text-[0.8125rem] whitespace-nowrap text-ink-soft hover:bg-raised hover:text-ink aria-[current=page]:bg-accent-wash aria-[current=page]:font-medium aria-[current=page]:text-accent lg:h-7"
                  >
                    <Icon name={icon} />
                    <span className={isWide ? "truncate" : "sr-only"}>{text}</span>
                  </Link>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
