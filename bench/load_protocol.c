/* Encodes and decodes messages in each protocol, and checks every delivery.
 *
 * A message's text is one token that no server changes, `load` and then hexadecimal digits: which run of the
 * client it is of (8), its index in its room's list (8), the nanosecond it was sent at (16), and its publisher
 * (4); then padding. */
#include "load.h"

#define MARK "load"
#define MARK_LENGTH (4 + 8 + 8 + 16 + 4)
#define ENTRIES 512
#define UNANSWERED 10000000000ull /* a message without an answer is sent again after this time */

typedef struct {
  uint64_t number, at;
  uint32_t run, place;
  int publisher;
  int marked;
} entry;

/* The same frame arrives on many sockets: it is parsed once. */
typedef struct {
  uint8_t *text;
  size_t length, room_for;
  int room, count;
  entry entries[ENTRIES];
} reading;

static reading readings[64];

static uint64_t digits(const char *text, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; i++) {
    char c = text[i];
    value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
  }
  return value;
}

static int read_mark(entry *e, const uint8_t *text, size_t length) {
  const char *mark = memmem(text, length, MARK, 4);
  if (!mark || mark + MARK_LENGTH > (const char *)text + length)
    return 0;
  e->run = digits(mark + 4, 8);
  e->place = digits(mark + 12, 8);
  e->at = digits(mark + 20, 16);
  e->publisher = digits(mark + 36, 4);
  return e->marked = 1;
}

/* The value of a key of the outermost object, however the object is written; NULL without it. */
static const uint8_t *value_of(const uint8_t *text, size_t length, const char *key) {
  size_t key_length = strlen(key);
  int depth = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '"') {
      size_t begins = i + 1;
      for (i++; i < length && text[i] != '"'; i++)
        i += text[i] == '\\';
      size_t after = i + 1;
      while (after < length && text[after] == ' ')
        after++;
      if (depth == 1 && after < length && text[after] == ':' && i - begins == key_length &&
          !memcmp(text + begins, key, key_length)) {
        for (after++; after < length && text[after] == ' ';)
          after++;
        return text + after;
      }
    } else if (text[i] == '{' || text[i] == '[')
      depth++;
    else if (text[i] == '}' || text[i] == ']')
      depth--;
  }
  return NULL;
}

/* The length of the object that begins here; 0 when it is incomplete. */
static size_t object_length(const uint8_t *text, size_t length) {
  int depth = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '"')
      for (i++; i < length && text[i] != '"'; i++)
        i += text[i] == '\\';
    else if (text[i] == '{')
      depth++;
    else if (text[i] == '}' && !--depth)
      return i + 1;
  }
  return 0;
}

static int room_named(const uint8_t *text, size_t length, const line *l) {
  const room *r = &rooms[l->room];
  size_t size = strlen(r->name);
  const uint8_t *name = value_of(text, length, "s");
  return name && name + size + 2 <= text + length && !memcmp(name + 1, r->name, size) && name[size + 1] == '"';
}

static void read_entries(reading *r, const uint8_t *text, size_t length, const line *l) {
  r->count = 0;
  r->room = room_named(text, length, l) ? l->room : -1;
  const uint8_t *at = value_of(text, length, "e"), *end = text + length;
  while (at && at < end && *at != ']' && r->room >= 0) {
    if (*at != '{') {
      at++;
      continue;
    }
    size_t size = object_length(at, end - at);
    if (!size || r->count == ENTRIES) {
      broken++;
      return;
    }
    entry *e = &r->entries[r->count++];
    *e = (entry){0};
    const uint8_t *number = value_of(at, size, "n");
    e->number = number ? strtoull((const char *)number, NULL, 10) : 0;
    read_mark(e, at, size);
    at += size;
  }
}

static reading *read_once(line *l, const uint8_t *text, size_t length) {
  uint32_t place = (uint32_t)length;
  for (size_t i = 0; i < length && i < 120; i++)
    place = (place ^ text[i]) * 16777619u;
  reading *r = &readings[place % 64];
  if (r->length == length && r->room == l->room && !memcmp(r->text, text, length))
    return r;
  if (length > r->room_for)
    r->text = realloc(r->text, r->room_for = 2 * length);
  memcpy(r->text, text, length);
  r->length = length;
  if (l->kind == OURS) {
    read_entries(r, text, length, l);
  } else {
    r->room = l->room;
    r->entries[0] = (entry){0};
    r->count = read_mark(&r->entries[0], text, length);
  }
  return r;
}

static int seen_before(line *l, uint32_t place) {
  if (place / 8 >= l->seen_bytes) {
    uint32_t more = 2 * (place / 8) + 64;
    l->seen = realloc(l->seen, more);
    memset(l->seen + l->seen_bytes, 0, more - l->seen_bytes);
    l->seen_bytes = more;
  }
  int was = l->seen[place / 8] >> (place & 7) & 1;
  l->seen[place / 8] |= 1 << (place & 7);
  return was;
}

static void settle(message *m, int fate) {
  if (m->fate == SENT && fate == ACCEPTED)
    accepted++;
  if (m->fate == SENT)
    m->fate = fate;
}

static void count_message(line *l, const entry *e, uint64_t now) {
  room *r = &rooms[l->room];
  if (e->run == run && e->place < r->count) {
    message *m = &r->messages[e->place];
    if (seen_before(l, e->place)) {
      doubled++;
      return;
    }
    if (l->kind != OURS) {
      if (!l->last_from)
        l->last_from = calloc(r->publishers + 1, sizeof *l->last_from);
      uint32_t *before = &l->last_from[e->publisher];
      out_of_order += e->place + 1 <= *before;
      *before = e->place + 1;
    }
    settle(m, ACCEPTED);
    if (m->by == (int)(l - lines) && l->outstanding) {
      l->outstanding--;
      outstanding--;
    }
  } else {
    foreign++;
  }
  delivered_in_all++;
  if (measuring && l->counted) {
    delivered++;
    note(&delays, (now - e->at) / 1000);
  }
}

static void take_entries(line *l, const uint8_t *text, size_t length) {
  reading *r = read_once(l, text, length);
  if (r->room < 0)
    return;
  uint64_t now = now_ns();
  if (measuring && l->counted) {
    frames++;
    delivered_bytes += length;
  }
  for (int i = 0; i < r->count; i++) {
    const entry *e = &r->entries[i];
    if (l->kind == OURS) {
      if (e->number <= l->last) {
        doubled++;
        continue;
      }
      if (e->number != l->last + 1) {
        out_of_order++;
        jumped += e->number - l->last - 1;
      }
      l->last = e->number;
      if (l->last > rooms[l->room].last)
        rooms[l->room].last = l->last;
    }
    if (e->marked)
      count_message(l, e, now);
  }
}

/* The message that an ack, no or busy is about: its id contains the run, the room and the index in its list. */
static message *message_of(const uint8_t *text, size_t length) {
  const char *id = (const char *)value_of(text, length, "cid");
  if (!id || id + 38 > (const char *)text + length || *id != '"' || digits(id + 1, 8) != run)
    return NULL;
  uint64_t room_at = digits(id + 25, 5), place = digits(id + 30, 7);
  if (room_at >= (uint64_t)room_count || place >= rooms[room_at].count)
    return NULL;
  return &rooms[room_at].messages[place];
}

static void take_answer(char word, const uint8_t *text, size_t length) {
  static int told;
  message *m = message_of(text, length);
  if (!m)
    return;
  if (word == 'a') {
    if (!m->answered_at) {
      m->answered_at = now_ns();
      accepted_measured += measuring;
      if (measuring)
        note(&answers, (m->answered_at - m->at) / 1000);
    }
    settle(m, ACCEPTED);
  } else if (word == 'b') {
    busy++;
    m->again_at = now_ns() + 500000000ull;
  } else {
    if (told++ < 3)
      fprintf(stderr, "NO %.*s\n", (int)(length < 200 ? length : 200), text);
    refused++;
    settle(m, REFUSED);
    line *l = &lines[m->by];
    if (l->outstanding) {
      l->outstanding--;
      outstanding--;
    }
  }
}

static void take_ours(line *l, const uint8_t *text, size_t length) {
  if (length < 8 || text[0] != '{' || text[length - 1] != '}') {
    broken++;
    return;
  }
  const char *word = (const char *)value_of(text, length < 4000 ? length : 4000, "t");
  if (!word)
    broken++;
  else if (!strncmp(word, "\"entries\"", 9))
    take_entries(l, text, length);
  else if (!strncmp(word, "\"welcome\"", 9) && l->state == GREETED)
    line_opened(l);
  else if (!strncmp(word, "\"ack\"", 5) || !strncmp(word, "\"no\"", 4) || !strncmp(word, "\"busy\"", 6))
    take_answer(word[1], text, length);
  else if (!strncmp(word, "\"reset\"", 7))
    resets++;
  else if (!strncmp(word, "\"unknown\"", 9))
    unknown++;
}

static void take_socket_io(line *l, const uint8_t *text, size_t length) {
  if (text[0] == '0')
    line_say(l, 1, "40", 2);
  else if (text[0] == '2')
    line_say(l, 1, "3", 1);
  else if (length > 1 && text[0] == '4' && text[1] == '0' && l->state == GREETED)
    line_opened(l);
  else if (length > 2 && text[0] == '4' && text[1] == '2')
    take_entries(l, text, length);
}

void word_take(line *l, const uint8_t *text, size_t length) {
  if (l->kind == OURS)
    take_ours(l, text, length);
  else if (l->kind == SOCKET_IO && length)
    take_socket_io(l, text, length);
  else if (length)
    take_entries(l, text, length);
}

static void say_message(line *l, uint32_t place) {
  static char pad[4096];
  char text[5000], frame[6000];
  const message *m = &rooms[l->room].messages[place];
  if (!pad[0])
    memset(pad, 'x', sizeof pad - 1);
  snprintf(text, sizeof text, MARK "%08x%08x%016llx%04x %.*s", run, place, (unsigned long long)m->at,
           l->publisher, padding, pad);
  static const char *const forms[] = {[STOCK] = "{\"message\":\"%s\"}", [ECHO] = "%s", [SOCKET_IO] = "42[\"chat\",\"%s\"]"};
  int length;
  if (l->kind == OURS)
    length = snprintf(frame, sizeof frame,
                      "{\"t\":\"send\",\"room\":%ld,\"cid\":\"%08x-0000-4000-8000-%05x%07x\",\"text\":\"%s\"}",
                      rooms[l->room].id, run, l->room, place, text);
  else
    length = snprintf(frame, sizeof frame, forms[l->kind], text);
  line_say(l, 1, frame, length);
}

/* Whether this socket may send one more command now: the server limits their rate and closes sockets that exceed it. */
int word_may_publish(line *l, uint64_t now) {
  if (l->state != OPEN)
    return 0;
  if (!words_a_second)
    return 1;
  l->words += (now - l->words_at) * words_a_second / 1e9;
  if (!l->words_at || l->words > words_at_once)
    l->words = words_at_once;
  l->words_at = now;
  return l->words >= 1;
}

void word_publish(line *l) {
  room *r = &rooms[l->room];
  if (r->count == r->room_for)
    r->messages = realloc(r->messages, (r->room_for = 2 * r->room_for + 64) * sizeof *r->messages);
  r->messages[r->count] = (message){.at = now_ns(), .by = (int)(l - lines)};
  l->words -= 1;
  l->outstanding++;
  outstanding++;
  sent_in_all++;
  sent += measuring;
  say_message(l, r->count++);
}

/* After reconnecting or `busy`: what was not acknowledged is sent again with the same client id. */
void word_say_again(line *l, int all) {
  if (l->kind != OURS || !l->publishes || l->state != OPEN)
    return;
  uint64_t now = now_ns();
  room *r = &rooms[l->room];
  for (uint32_t place = r->count > 4096 ? r->count - 4096 : 0; place < r->count; place++) {
    message *m = &r->messages[place];
    int due = all || now >= (m->again_at ? m->again_at : m->at + UNANSWERED);
    if (m->by != (int)(l - lines) || m->fate != SENT || !due || !word_may_publish(l, now))
      continue;
    m->again_at = now + UNANSWERED;
    l->words -= 1;
    resent++;
    say_message(l, place);
  }
}

/* Deliveries that did not arrive, on sockets that were open at the end. */
uint64_t words_missing(uint64_t *sockets_short) {
  uint64_t missing = 0;
  *sockets_short = 0;
  for (int i = 0; i < line_count; i++) {
    const line *l = &lines[i];
    const room *r = &rooms[l->room];
    uint64_t lacks = 0;
    for (uint32_t place = 0; place < r->count; place++)
      if (r->messages[place].fate != REFUSED && (l->kind != OURS || r->messages[place].fate == ACCEPTED))
        lacks += place / 8 >= l->seen_bytes || !(l->seen[place / 8] >> (place & 7) & 1);
    missing += lacks;
    *sockets_short += lacks > 0;
  }
  return missing;
}

/* Sockets behind the newest number of their room, and messages not acknowledged. */
uint64_t words_behind(void) {
  uint64_t behind = 0;
  for (int i = 0; i < line_count; i++)
    behind += lines[i].kind == OURS && lines[i].last < rooms[lines[i].room].last;
  for (int i = 0; i < room_count; i++)
    for (uint32_t place = 0; place < rooms[i].count; place++)
      behind += rooms[i].messages[place].fate == SENT;
  return behind;
}
