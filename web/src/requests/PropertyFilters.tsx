import { useState, type FormEvent } from "react";
import { Icon } from "../components/Icon";
import { parseProperty, type PropertyFilter } from "../filter/search";

interface PropertyFiltersProps {
  value: PropertyFilter[];
  onChange: (value: PropertyFilter[]) => void;
}

/** The properties that requests must have, and a field for one more. */
export function PropertyFilters({ value, onChange }: PropertyFiltersProps) {
  const [draft, setDraft] = useState("");
  const add = (event: FormEvent) => {
    event.preventDefault();
    const property = parseProperty(draft);
    if (property === null) return;
    onChange([...value.filter(({ key }) => key !== property.key), property]);
    setDraft("");
  };
  return (
    <>
      <form onSubmit={add}>
        <input
          className="control w-40"
          aria-label="Add a property, written key=value"
          placeholder="Property key=value"
          title="Write key=value and press Enter"
          spellCheck={false}
          autoComplete="off"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
      </form>
      {value.map(({ key, value: wanted }) => (
        <button
          key={key}
          type="button"
          className="button border-accent px-2 text-accent"
          aria-label={`Remove filter ${key}=${wanted}`}
          onClick={() => onChange(value.filter((property) => property.key !== key))}
        >
          {key}={wanted}
          <Icon name="close" />
        </button>
      ))}
    </>
  );
}
