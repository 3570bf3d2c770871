"use client";

import { useEffect, useRef, useState } from "react";

/**
 * The text of a search field whose truth is the address bar: what is typed shows at once and goes there with each key, and a Back or a cleared
 * filter shows in the field. Only the last text sent is known here as one's own.
 */
export function useSearchText(inAddress: string, send: (text: string) => void): [text: string, type: (text: string) => void] {
  const [text, setText] = useState(inAddress);
  const sent = useRef(inAddress);
  useEffect(() => {
    if (inAddress === sent.current) return;
    sent.current = inAddress;
    setText(inAddress);
  }, [inAddress]);
  return [
    text,
    (next) => {
      sent.current = next.trim();
      setText(next);
      send(next.trim());
    },
  ];
}
