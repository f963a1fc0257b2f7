// Arithmetic and text of dates, by the whole package and by single functions.
import {
  addBusinessDays, differenceInCalendarDays, eachDayOfInterval, format,
  formatDistance, formatISO, intervalToDuration, isValid, isWeekend, parse,
  parseISO, startOfWeek,
} from 'date-fns';
import { addMonths } from 'date-fns/addMonths';
import { de } from 'date-fns/locale';

const day = new Date(2024, 0, 31, 13, 5, 9);
console.log(format(day, "yyyy-MM-dd HH:mm:ss 'week' II, do MMMM, EEEE"));
console.log(format(addMonths(day, 1), 'PPPP'), '|',
  format(day, 'PPPPp', { locale: de }));
console.log(format(parse('29.02.2024', 'dd.MM.yyyy', day), 'yyyy/MM/dd'),
  isValid(parse('30.02.2024', 'dd.MM.yyyy', day)));
console.log(formatISO(parseISO('2024-03-10'), { representation: 'date' }),
  differenceInCalendarDays(new Date(2024, 2, 1), new Date(2024, 1, 1)));
console.log(eachDayOfInterval({ start: day, end: new Date(2024, 1, 4) })
  .map((one) => `${format(one, 'EEEEEE')}${isWeekend(one) ? '*' : ''}`));
console.log(formatDistance(day, addMonths(day, 14)),
  formatDistance(day, addMonths(day, 3), { locale: de, addSuffix: true }));
console.log(intervalToDuration({ start: day, end: new Date(2025, 3, 2) }));
console.log(format(startOfWeek(day, { weekStartsOn: 1 }), 'yyyy-MM-dd'),
  format(addBusinessDays(day, 3), 'yyyy-MM-dd'));
try {
  format(new Date(NaN), 'yyyy');
} catch (error) {
  console.log(error.name, error.message);
}
