import { MessageCard } from "./MessageCard";
import type { Message } from "./types";

interface MessageListProps {
  messages: Message[];
  /** Whether these are so many answers to the same question. */
  areChoices?: boolean;
}

/** Messages in their order. */
export function MessageList({ messages, areChoices = false }: MessageListProps) {
  return (
    <ol className="flex min-w-0 flex-col gap-4">
      {messages.map((message, index) => (
        <MessageCard key={index} message={message} label={areChoices ? `answer ${index + 1} of ${messages.length}` : undefined} />
      ))}
    </ol>
  );
}
