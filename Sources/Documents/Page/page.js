'use strict';
const T = JSON.parse(document.getElementById('texts').textContent);
const lang = document.documentElement.lang;
const $ = id => document.getElementById(id);
const meters = new Map();
let health = {}, letters = [], broken = null, stream = null, lastEvent = 0, lastFetch = 0;

// ---- Small tools. Everything that a meter sends becomes text, never markup.

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value != null && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter(child => child != null && child !== false));
  return node;
}
function svg(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
const say = (key, values = {}) => (T[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
function put(node, text) { if (node.textContent !== text) node.textContent = text; }
function fill(node, children) { node.replaceChildren(...children.filter(Boolean)); }

// A register's own digits: 1785.720 stays so. Browsers without the source of a number show what they parsed.
const digits = (key, value, context) => typeof value === 'number' && context && context.source && !/e/i.test(context.source) ? context.source : value;
async function read(path) {
  const response = await fetch(path, { headers: { Accept: 'application/json' }, cache: 'no-store' });
  if (!response.ok) throw new Error(response.status);
  return JSON.parse(await response.text(), digits);
}

const signs = new Intl.NumberFormat(lang, { minimumFractionDigits: 1 }).formatToParts(123456.5);
const sign = type => (signs.find(part => part.type === type) || {}).value || '';
const [group, point] = ['group', 'decimal'].map(sign);
function number(value) {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value);
  if (!match) return String(value);
  const whole = match[2].length > 4 ? match[2].replace(/\B(?=(\d{3})+$)/g, group) : match[2];
  return (match[1] && '−') + whole + (match[3] ? point + match[3] : '');
}
const isNumber = value => /^-?\d+(\.\d+)?$/.test(value);
const clock = new Intl.DateTimeFormat(lang, { dateStyle: 'short', timeStyle: 'medium' });
const time = text => { const date = new Date(text); return isNaN(date) ? text || '' : clock.format(date); };
const past = new Intl.RelativeTimeFormat(lang, { style: 'short', numeric: 'always' });
function ago(seconds) {
  const [size, unit] = seconds < 120 ? [1, 'second'] : seconds < 7200 ? [60, 'minute'] : seconds < 172800 ? [3600, 'hour'] : [86400, 'day'];
  return past.format(-Math.max(0, Math.floor(seconds / size)), unit);
}
const now = () => performance.now() / 1000;
const made = meter => [meter.meter.manufacturer, meter.meter.model].filter(Boolean).join(' ');
const medium = meter => meter.meter.medium === 'other' ? '' : T['medium.' + meter.meter.medium] || meter.meter.medium;
// Sub-meters carry the name of the meter that they stand behind.
function nameOf(meter) {
  const parent = meters.get(meter.parent);
  return meter.name || (parent && parent.name && medium(meter) ? parent.name + ' ' + medium(meter) : '') || made(meter) || meter.id;
}

// ---- Names of fields: a name of the vocabulary, then its suffixes.

const names = Object.keys(T).filter(key => key.startsWith('field.')).map(key => key.slice(6)).sort((a, b) => b.length - a.length);
function split(level) {
  const base = names.find(name => level === name || level.startsWith(name + '_'));
  if (!base) return { base: level, rest: [], phase: '' };
  const rest = level.slice(base.length + 1).split('_').filter(Boolean);
  return { base, rest, phase: rest.find(part => /^(l[123]|[nrt])$/.test(part)) || '', tariff: rest.find(part => /^t\d+$/.test(part)) };
}
function label(level) {
  const { base, rest } = split(level);
  return [T['field.' + base] || base, ...rest.map(suffix)].join(' ');
}
function suffix(part) {
  const match = /^([tsu])(\d+)$/.exec(part);
  if (match) return say({ t: 'tariff', s: 'storage', u: 'subunit' }[match[1]], { n: match[2] });
  return { max: T.maximum, min: T.minimum, error: T.duringError }[part] || part.toUpperCase();
}
const TOTALS = ['energy_import', 'energy_export', 'energy_absolute', 'energy_net', 'energy', 'cooling_energy', 'volume', 'mass', 'heat_cost_units'];
const isPlain = parts => parts.rest.every(part => part === parts.phase || part === parts.tariff);
function sort(meter) {
  const groups = { main: null, totals: [], phases: new Map(), columns: [], rest: [] };
  const main = headline(meter);
  for (const field of meter.fields) {
    const parts = split(field.name);
    if (field.name === main) groups.main = field;
    if (parts.base === 'last_telegram') continue;
    if (TOTALS.includes(parts.base) && isPlain(parts) && !parts.phase) {
      if (field.name !== main) groups.totals.push(field);
    }
    else if (parts.phase && isPlain(parts) && isNumber(field.value)) {
      const row = parts.base + (parts.tariff ? '_' + parts.tariff : '');
      if (!groups.phases.has(row)) groups.phases.set(row, {});
      groups.phases.get(row)[parts.phase] = field;
      if (!groups.columns.includes(parts.phase)) groups.columns.push(parts.phase);
    } else if (field.name !== main) groups.rest.push(field);
  }
  if (groups.columns.length < 2) {
    for (const row of groups.phases.values()) groups.rest.push(...Object.values(row));
    groups.phases.clear();
  }
  groups.columns.sort();
  // A total, then its tariffs.
  const place = field => TOTALS.indexOf(split(field.name).base);
  groups.totals.sort((a, b) => place(a) - place(b) || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  return groups;
}
function headline(meter) {
  if (meter.main) return meter.main;
  const wanted = ['power', 'volume_flow', 'volume', 'energy', 'energy_import', 'heat_cost_units'];
  return wanted.find(name => meter.fields.some(field => field.name === name)) ||
    (meter.fields.find(field => isNumber(field.value)) || {}).name;
}

// ---- A meter's card. Its parts are made once; later only texts change, so that focus and open parts stay.

function card(meter) {
  const part = {};
  const make = (name, tag, attributes, ...children) => (part[name] = el(tag, attributes, ...children));
  const id = meter.id;
  part.card = el('article', { class: 'card', 'aria-labelledby': 'm-' + id, id: 'card-' + id },
    make('name', 'h2', { id: 'm-' + id }), make('kind', 'p', { class: 'soft' }), make('state', 'p', { class: 'state' }),
    make('main', 'p', { class: 'main' }, make('value', 'span', {}), make('unit', 'small', {})),
    make('way', 'p', { class: 'way' }),
    make('day', 'figure', { class: 'day', hidden: true }),
    make('totals', 'div', {}), make('phases', 'div', {}),
    folded('more', make('more', 'div', {})),
    folded('telegrams', make('counts', 'div', {})),
    folded('lastTelegram', make('telegram', 'div', { 'aria-live': 'off' }), () => showTelegram(id, part.telegram)),
    folded('serial', make('serial', 'p', {})));
  part.moreFold = part.more.parentNode;
  part.countsFold = part.counts.parentNode;
  part.telegramFold = part.telegram.parentNode;
  part.serialFold = part.serial.parentNode;
  return part;
}
function folded(key, content, onopen) {
  const node = el('details', {}, el('summary', {}, T[key]), content);
  if (onopen) node.addEventListener('toggle', () => node.open && onopen());
  return node;
}
function row(field, text, className) {
  return el('tr', {}, el('th', { scope: 'row', class: className }, text || label(field.name)), cell(field));
}
function cell(field) {
  return el('td', {}, isNumber(field.value) ? number(field.value) : isTime(field.value) ? time(field.value) : String(field.value),
    field.unit ? el('small', {}, ' ' + field.unit) : null, field.held ? el('span', { class: 'mark' }, T.held) : null);
}
const isTime = value => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value);
const table = (caption, rows, head) => el('table', {}, el('caption', { class: caption ? null : 'quiet' }, caption || T.totals), head, el('tbody', {}, ...rows));

function show(meter) {
  const groups = sort(meter), part = meter.part;
  put(part.name, nameOf(meter));
  put(part.kind, [made(meter), medium(meter), meter.id].filter(text => text && text !== nameOf(meter)).join(' · '));
  const main = groups.main;
  put(part.value, main ? number(main.value) : '–');
  put(part.unit, main && main.unit || '');
  put(part.way, main ? way(meter, main) : meter.main ? label(meter.main) : T.notRead);
  part.way.classList.toggle('out', !!main && meter.meter.medium === 'electricity' && main.name === 'power' && Number(main.value) < 0);
  fill(part.totals, [groups.totals.length && table('', groups.totals.map(field => row(field, null, /_t\d+$/.test(field.name) ? 'part' : null)))]);
  fill(part.phases, [groups.phases.size && phases(groups)]);
  part.moreFold.hidden = !groups.rest.length;
  fill(part.more, [table('', groups.rest.map(field => row(field)))]);
  counts(meter);
  part.serialFold.hidden = !meter.meter.id;
  put(part.serial, meter.meter.id || '');
  part.telegramFold.hidden = !!meter.parent;
  tick(meter);
}
function way(meter, main) {
  if (meter.meter.medium === 'electricity' && main.name === 'power') {
    return Number(main.value) < 0 ? T.feeding : Number(main.value) > 0 ? T.drawing : T.idle;
  }
  return label(main.name);
}
function phases(groups) {
  const head = el('thead', {}, el('tr', {}, el('td', {}), ...groups.columns.map(phase => el('th', { scope: 'col' }, phase.toUpperCase()))));
  const rows = [...groups.phases].map(([name, fields]) => {
    const unit = (Object.values(fields)[0] || {}).unit;
    return el('tr', {}, el('th', { scope: 'row' }, label(name) + (unit ? ' (' + unit + ')' : '')),
      ...groups.columns.map(phase => el('td', {}, fields[phase] ? number(fields[phase].value) : '–')));
  });
  return el('div', { class: 'records' }, table(T.phases, rows, head));
}
function counts(meter) {
  const counters = (health.meters || {})[meter.id];
  meter.part.countsFold.hidden = !counters;
  if (!counters) return;
  const rows = [[T.count, number(counters.telegrams)]];
  const strength = meter.fields.find(field => field.name === 'signal_strength');
  if (strength) rows.push([label('signal_strength'), number(strength.value) + ' ' + (strength.unit || '')]);
  for (const [code, count] of Object.entries(counters.errors || {})) rows.push([T.errors + ': ' + code, number(count)]);
  if (rows.length === 1) rows.push([T.errors, T.none]);
  fill(meter.part.counts, [table('', rows.map(([name, value]) => el('tr', {}, el('th', { scope: 'row' }, name), el('td', {}, value))))]);
}

// The age of the last telegram; the only thing that changes each second.
function tick(meter) {
  const { state, card } = meter.part;
  const age = meter.heard == null ? null : now() - meter.heard;
  const isLate = broken || meter.availability !== 'online' || (meter.interval && age > 3 * meter.interval);
  const when = age == null ? T.never : isLate ? say('lastSeen', { ago: ago(age) }) : ago(age);
  put(state, (broken ? T.unknown : isLate ? T.offline : T.online) + ' · ' + when);
  state.classList.toggle('bad', !!isLate);
  card.classList.toggle('late', !!isLate);
}

// ---- The line of 24 hours: lowest and highest of each five minutes.

function drawDay(meter) {
  const figure = meter.part.day, day = meter.day, buckets = day && day.buckets;
  const known = buckets ? buckets.filter(Boolean) : [];
  figure.hidden = known.length < 2;
  if (figure.hidden) return;
  const low = Math.min(...known.map(bucket => +bucket[0])), high = Math.max(...known.map(bucket => +bucket[1]));
  const texts = known.reduce((ends, [least, most]) => [+least < +ends[0] ? least : ends[0], +most > +ends[1] ? most : ends[1]], known[0]);
  const bottom = low > 0 && low < high / 2 ? 0 : low, top = high === bottom ? bottom + 1 : high;
  const y = value => (98 - 96 * (value - bottom) / (top - bottom)).toFixed(1);
  const step = 300, allowed = Math.ceil(1.5 * (meter.interval || 0) / step);
  let line = '', area = '', run = [], missing = 0;
  const close = () => {
    if (!run.length) return;
    const upper = run.map(point => point.x + ' ' + point.high), lower = run.map(point => point.x + ' ' + point.low).reverse();
    line += 'M' + run.map(point => point.x + ' ' + point.middle).join('L') + (run.length < 2 ? 'h.5' : '');
    area += 'M' + upper.concat(lower).join('L') + 'Z';
    run = [];
  };
  buckets.forEach((bucket, index) => {
    if (!bucket) { if (++missing > allowed) close(); return; }
    missing = 0;
    run.push({ x: index, low: y(+bucket[0]), high: y(+bucket[1]), middle: y((+bucket[0] + +bucket[1]) / 2) });
  });
  close();
  const unit = (meter.fields.find(field => field.name === day.name) || {}).unit || '';
  const [least, most] = texts.map(text => number(text) + ' ' + unit);
  const title = say('dayTitle', { what: label(day.name), low: least, high: most });
  fill(figure, [
    svg('svg', { viewBox: `0 0 ${buckets.length - 1} 100`, preserveAspectRatio: 'none', role: 'img', 'aria-label': title },
      svg('title', {}, title), svg('path', { class: 'area', d: area }),
      ...(low < 0 && high > 0 ? [svg('path', { class: 'zero', d: `M0 ${y(0)}H${buckets.length}` })] : []),
      svg('path', { class: 'line', d: line })),
    el('figcaption', {}, el('span', {}, T.dayAgo), el('span', {}, least + ' … ' + most), el('span', {}, T.now))]);
}

// ---- Telegrams, dead letters, topics, snippets

async function showTelegram(id, place) {
  fill(place, [el('p', { class: 'soft' }, T.loading)]);
  try {
    const telegram = await read('api/meters/' + id + '/telegram');
    fill(place, [el('p', { class: 'soft' }, time(telegram.received)),
      telegram.error && el('p', { class: 'trouble' }, el('b', {}, telegram.error.code), ' ' + (telegram.error.message || '')),
      ...bytes(telegram.bytes, telegram.text),
      telegram.records && telegram.records.length && records(telegram.records)]);
  } catch { fill(place, [el('p', { class: 'soft' }, T.noTelegram)]); }
}
function bytes(hex, text) {
  if (!hex) return [];
  const block = el('pre', { tabindex: 0 });
  const spaced = (hex.match(/../g) || []).join(' ');
  put(block, text || spaced);
  const parts = [block, copying(() => block.textContent)];
  if (text) {
    const other = el('button', { type: 'button', onclick: () => {
      const isText = block.textContent === text;
      put(block, isText ? spaced : text);
      put(other, isText ? T.asText : T.asHex);
    } }, T.asHex);
    parts.push(' ', other);
  }
  return parts;
}
function records(list) {
  const columns = [...new Set(list.flatMap(Object.keys))], shown = value => value == null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const head = el('thead', {}, el('tr', {}, ...columns.map(key => el('th', { scope: 'col' }, key))));
  const rows = list.map(record => el('tr', {}, ...columns.map(key => el('td', { class: 'text' }, shown(record[key])))));
  return el('div', { class: 'records', tabindex: 0, role: 'region', 'aria-label': T.records }, table(T.records, rows, head));
}
function copying(text) {
  const button = el('button', { type: 'button', onclick: async () => {
    let done = true;
    // Without https the clipboard is closed; the old way works everywhere.
    try { await navigator.clipboard.writeText(text()); } catch {
      const field = el('textarea', { class: 'quiet', 'aria-hidden': 'true' });
      field.value = text();
      document.body.append(field);
      field.select();
      done = document.execCommand('copy');
      field.remove();
      button.focus();
    }
    put(button, done ? T.copied : T.copy);
    setTimeout(() => put(button, T.copy), 2000);
  } }, T.copy);
  return button;
}
function showLetters() {
  $('letters-none').hidden = letters.length > 0;
  const open = new Set([...document.querySelectorAll('#letters details[open]')].map(node => node.dataset.key));
  fill($('letters'), letters.slice().reverse().map(letter => {
    const key = [letter.time, letter.meter, letter.code].join();
    const held = letter.kind === 'held_back' && 'meterbridge accept ' + letter.meter;
    const what = [letter.field || letter.topic, letter.value, letter.last && '← ' + letter.last].filter(Boolean).join(' ');
    return el('li', {},
      el('p', {}, el('b', {}, letter.meter), ' · ', letter.code, ' · ', el('span', { class: 'soft' }, time(letter.time))),
      el('p', {}, letter.message || ''), what && el('p', { class: 'soft' }, what),
      held && el('p', {}, el('code', {}, held)),
      letter.bytes && el('details', { 'data-key': key, open: open.has(key) }, el('summary', {}, T.bytes), ...bytes(letter.bytes, letter.text)));
  }));
}
function showTopics() {
  const root = health.base_topic || 'meterbridge';
  fill($('topics'), [...meters.values()].map(meter => el('details', {}, el('summary', {}, root + '/' + meter.id),
    el('pre', { tabindex: 0 }, ['availability', 'reading', ...meter.fields.map(field => field.name)].map(level => root + '/' + meter.id + '/' + level).join('\n')))));
}
$('program').addEventListener('change', async event => {
  const place = $('snippet'), program = event.target.value;
  place.hidden = !program;
  if (!program) return;
  try {
    const snippet = await read('api/snippets/' + encodeURIComponent(program));
    fill(place, [el('ul', { class: 'soft' }, ...snippet.notes.map(note => el('li', {}, note))),
      el('pre', { tabindex: 0 }, snippet.text), copying(() => snippet.text)]);
  } catch { fill(place, [T.noAnswer]); }
});

// ---- What is wrong, and what to do

const ADVICE = {
  checksum: ['checksum_mismatch', 'checksum_missing', 'truncated', 'noise', 'too_long', 'segment_missing', 'bad_length'],
  key: ['wrong_key', 'no_key', 'not_encrypted', 'not_authenticated', 'unsupported_security'],
  replay: ['replayed'],
  silent: ['no_answer'],
  number: ['other_meter', 'several_meters', 'no_identification'],
  radio: ['weak_signal', 'no_beacon', 'no_pan', 'join_failed'],
};
function advice(code) {
  const kind = Object.keys(ADVICE).find(name => ADVICE[name].includes(code));
  return T['advice.' + (kind || 'other')];
}
function troubles() {
  const list = [];
  const add = (key, title, text) => list.push({ key, title, text });
  if (broken) add('bridge', say('noBridge', { ago: ago(now() - broken) }), T['advice.bridge']);
  const broker = health.broker || {};
  if (!broken && broker.connected === false) add('broker', say('noBroker', { name: health.broker_name || '' }), T['advice.broker']);
  for (const meter of broken ? [] : meters.values()) {
    const counters = (health.meters || {})[meter.parent || meter.id] || {};
    if (meter.availability !== 'online' && !meters.has(meter.parent)) {
      const last = letters.filter(letter => letter.meter === meter.id).pop();
      const code = counters.trouble || (counters.receiving ? (last || {}).code : counters.errors && counters.errors.no_answer ? 'no_answer' : null);
      add(meter.id + code, say('meterOffline', { name: nameOf(meter) }) + (code ? ' (' + code + ')' : ''), code ? advice(code) : T['advice.cable']);
    } else if (counters.trouble && !meter.parent) add(meter.id + counters.trouble, nameOf(meter) + ': ' + counters.trouble, advice(counters.trouble));
    const held = (meter.held_back || []).map(value => label(value.name) + ' ' + number(value.value) + (value.last ? ' ← ' + number(value.last) : ''));
    if (held.length) add(meter.id + 'held', nameOf(meter) + ': ' + held.join(', ') + ' – ' + T.held, say('heldAdvice', { command: 'meterbridge accept ' + meter.id }));
    const status = meter.fields.find(field => field.name === 'status');
    if (status && status.value !== 'ok') add(meter.id + status.value, nameOf(meter) + ': ' + label('status') + ' ' + status.value, T['advice.status']);
  }
  return list;
}
let told = null;
function showState() {
  const list = troubles(), broker = health.broker || {};
  $('wrong').hidden = !list.length;
  const keys = list.map(trouble => trouble.key).join();
  if ($('troubles').dataset.keys !== keys) {
    $('troubles').dataset.keys = keys;
    fill($('troubles'), list.map(trouble => el('li', { class: 'trouble' }, el('b', {}, trouble.title), el('p', {}, trouble.text))));
  } else list.forEach((trouble, index) => put($('troubles').children[index].firstChild, trouble.title));
  const link = $('link');
  link.classList.toggle('bad', !!broken || broker.connected === false);
  put(link, broken ? T.noAnswer : broker.connected == null ? T.connecting : say(broker.connected ? 'broker' : 'noBroker', { name: health.broker_name || '' }));
  // Spoken only when something became better or worse.
  if (told !== null && told !== keys) put($('live'), list.length ? list.map(trouble => trouble.title).join('. ') : T.allWell);
  if (meters.size || broken) told = keys;
}
function showFoot() {
  fill($('foot'), ['MeterBridge ' + (health.version || ''), health.started ? ' · ' + say('since', { time: time(health.started) }) : '']);
}

// ---- From the bridge: a stream of events, or a question every five seconds where no event comes through.

function take(data) {
  const old = meters.get(data.id) || { fields: [], meter: {} };
  const meter = Object.assign(old, { held_back: null }, data);
  meter.fields = data.fields || old.fields;
  meter.meter = data.meter || old.meter;
  if (data.age != null) meter.heard = now() - Number(data.age);
  if (meter.interval != null) meter.interval = Number(meter.interval);
  if (!meter.part) {
    meter.part = card(meter);
    meters.set(meter.id, meter);
    home(meter).append(meter.part.card);
  }
  show(meter);
  if (data.day) drawDay(meter);
}
// Where its card goes: those behind one meter stand together beside it.
function home(meter) {
  const parent = meters.get(meter.parent);
  if (!parent) return $('meters');
  if (!parent.stack) parent.part.card.after(parent.stack = el('div', { class: 'stack' }));
  return parent.stack;
}
async function refresh() {
  lastFetch = now();
  try {
    const all = (await read('api/meters')).meters;
    broken = null;
    all.forEach(take);
    for (const [id, meter] of meters) {
      if (!all.some(other => other.id === id)) { meter.part.card.remove(); if (meter.stack) meter.stack.remove(); meters.delete(id); }
    }
    showTopics();
  } catch { fail(); }
  showState();
}
async function refreshHealth() {
  try {
    const [newHealth, newLetters] = await Promise.all([read('api/health'), read('api/dead-letters')]);
    health = newHealth;
    letters = newLetters.dead_letters;
    meters.forEach(counts);
    showLetters();
    showFoot();
  } catch { fail(); }
  showState();
}
function fail() { broken = broken || now(); meters.forEach(tick); }

function listen() {
  if (stream || document.hidden) return;
  stream = new EventSource('api/events');
  const on = (name, action) => stream.addEventListener(name, event => {
    lastEvent = now();
    if (broken) { broken = null; refreshHealth(); }
    action(JSON.parse(event.data, digits));
    showState();
  });
  on('meters', data => { if (data.meters.length !== meters.size || !data.meters.every(id => meters.has(id))) refresh(); });
  on('reading', data => meters.has(data.id) ? take(data) : refresh());
  on('availability', data => { const meter = meters.get(data.id); if (meter) { meter.availability = data.availability; tick(meter); } });
  on('health', data => { health = Object.assign({}, health, data); meters.forEach(counts); });
  on('dead_letter', () => refreshHealth());
  stream.onerror = () => { if (stream && stream.readyState === 2) hush(); };
}
function hush() { if (stream) stream.close(); stream = null; }
document.addEventListener('visibilitychange', () => { if (document.hidden) hush(); else { refresh(); refreshHealth(); listen(); } });

let beat = 0;
setInterval(() => {
  if (document.hidden) return;
  meters.forEach(tick);
  beat += 1;
  // Events may be held back on their way, so silence is answered by asking.
  if (now() - lastEvent >= 5 && now() - lastFetch >= 5) refresh();
  else if (beat % 60 === 0) refresh();
  if (beat % 15 === 0 || (broken && beat % 5 === 0)) refreshHealth();
  if (beat % 30 === 0) listen();
  if (broken) showState();
}, 1000);
refresh();
refreshHealth();
listen();
