// Expands iCalendar texts with ical.js: JSON in (days, contents), JSON out (starts in UTC).
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const { days, contents } = JSON.parse(readFileSync(0, "utf8"));

function expand(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  // ical.js knows no zones of its own: it must find its way by our VTIMEZONE.
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  }
  const parts = calendar.getAllSubcomponents("vevent");
  const master = parts.find((part) => !part.hasProperty("recurrence-id"));
  const exceptions = parts.filter((part) => part !== master);
  const event = new ICAL.Event(master, { exceptions });
  const end = event.startDate.toJSDate().getTime() + days * 86_400_000;
  const starts = [];
  const iterator = event.iterator();
  for (let next = iterator.next(); next; next = iterator.next()) {
    if (next.toJSDate().getTime() >= end) break;
    const start = event.getOccurrenceDetails(next).startDate.toJSDate();
    starts.push(start.toISOString().replace(/[-:]/g, "").replace(".000", ""));
  }
  return starts.sort();
}

process.stdout.write(JSON.stringify(contents.map(expand)));
