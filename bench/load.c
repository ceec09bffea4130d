/* A WebSocket load client. It opens the sockets of a plan, lets some of them publish, and checks every delivery
 * on every socket. For loopback only.
 *
 *   cc -O2 -o load load.c load_socket.c load_protocol.c
 *   load --plan FILE [--mode saturate|rate|idle] [options]     one line of JSON at the end
 *
 * The plan has one line for each socket, with tabs between:
 *   PORTS   8001, or 8001,8002: with --back the next one is tried after a lost connection
 *   KIND    ours | stock ({"message": TEXT}) | echo (TEXT) | socketio
 *   ROLE    reader | publisher | feeder (publishes; what it receives is checked but counts in no figure)
 *   ROOM    room:3 (ours: the stream) or any name; every socket of a room should receive what is published there
 *   AFTER   ours: the number up to which it has the room's log already
 *   TARGET  path and query; {after} becomes the number it has
 *   COOKIE  or -
 *   FIRST   a frame to send as soon as it is open, with {after}, or -
 *
 * Options:
 *   --secs S --warm S   seconds measured, and seconds of warm-up before
 *   --settle S          pause between the last socket opened and the first message
 *   --drain S           how long to wait at the end for what is missing
 *   --window W          messages a publisher may have in flight (its own copy has not arrived)
 *   --total T           the same for all publishers together
 *   --rate R            messages a second of all publishers together, round robin
 *   --words R --burst B commands per second of a publisher, and how many at once
 *   --padding N         characters after the mark in a text
 *   --connecting N      handshakes in flight at once; --patience S: timeout for all of them
 *   --back S            reconnect after a lost connection, within S seconds
 *   --states            print the state each second to standard error
 *
 * Standard error gets CONNECTED, BEGIN and END at these moments. Counters: `doubled` arrived twice, `out_of_order`
 * arrived before an earlier one (ours: a number that is not the next), `missing` did not arrive until the drain
 * ended, `broken` was no whole frame or no message of the protocol. */
#include "load.h"
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

double words_a_second, words_at_once = 30, back_within = 5;
int padding = 80, comes_back;
line *lines;
room *rooms;
int line_count, room_count, poller, open_count, outstanding, measuring;
uint32_t run;
uint64_t delivered, delivered_in_all, delivered_bytes, doubled, out_of_order, jumped, broken, dropped, failed, sent,
    sent_in_all, accepted, accepted_measured, refused, busy, resent, resets, unknown, foreign, frames, closed_with[5000];
histogram delays, answers, connects, backs;

static const char *mode = "rate", *plan;
static double secs = 5, warm = 1, settle_for = 0.5, drain_for = 10, rate = 20, patience = 120;
static int window = 1, total, connecting = 32, states;
static int *publishers, publisher_count, turn;
static double slowest_return;

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* 64 bins for each doubling: a value is known to within two hundredths of itself. */
void note(histogram *h, uint64_t value) {
  int power = value < 64 ? 0 : 63 - __builtin_clzll(value) - 5;
  h->bin[power * 64 + (power ? (value >> (power - 1)) & 63 : value)]++;
  h->count++;
  if (value > h->most)
    h->most = value;
}

double quantile(const histogram *h, double q) {
  uint64_t reached = 0, wanted = (uint64_t)(q * h->count);
  for (int i = 0; i < BINS && h->count; i++)
    if ((reached += h->bin[i]) > wanted)
      return (i < 64 ? i : (double)((64ull + i % 64) << (i / 64 - 1))) / 1000;
  return h->most / 1000.0;
}

static void stop(const char *why, const char *what) {
  fprintf(stderr, "%s %s\n", why, what);
  exit(2);
}

static int room_of(const char *name) {
  static int before;
  for (int i = 0; i < room_count; i++) {
    int at = (before + i) % room_count;
    if (!strcmp(rooms[at].name, name))
      return before = at;
  }
  rooms = realloc(rooms, (room_count + 1) * sizeof *rooms);
  rooms[room_count] = (room){0};
  snprintf(rooms[room_count].name, sizeof rooms->name, "%s", name);
  const char *number = strchr(name, ':');
  rooms[room_count].id = number ? atol(number + 1) : 0;
  return before = room_count++;
}

static char *kept(const char *text) { return strcmp(text, "-") ? strdup(text) : NULL; }

static void read_line(char *text) {
  char *part[8];
  for (int i = 0; i < 8; i++)
    if (!(part[i] = strsep(&text, "\t")))
      stop("A line of the plan has too few parts:", part[0] ? part[0] : "");
  lines = realloc(lines, (line_count + 1) * sizeof *lines);
  line *l = &lines[line_count];
  *l = (line){0};
  for (char *port; l->port_count < 8 && (port = strsep(&part[0], ","));)
    l->ports[l->port_count++] = atoi(port);
  static const char *const kinds[] = {[OURS] = "ours", [STOCK] = "stock", [ECHO] = "echo", [SOCKET_IO] = "socketio"};
  for (l->kind = 0; strcmp(part[1], kinds[l->kind]);)
    if (++l->kind > SOCKET_IO)
      stop("No kind of socket:", part[1]);
  l->publishes = strcmp(part[2], "reader") != 0;
  l->counted = strcmp(part[2], "feeder") != 0;
  l->room = room_of(part[3]);
  l->last = strtoull(part[4], NULL, 10);
  if (l->last > rooms[l->room].last)
    rooms[l->room].last = l->last;
  l->target = strdup(part[5]);
  l->cookie = kept(part[6]);
  l->first = kept(part[7]);
  if (l->publishes) {
    l->publisher = rooms[l->room].publishers++;
    publishers = realloc(publishers, (publisher_count + 1) * sizeof *publishers);
    publishers[publisher_count++] = line_count;
  }
  line_count++;
}

static void read_plan(void) {
  static char text[16384];
  FILE *file = fopen(plan, "r");
  if (!file)
    stop("No plan:", plan);
  while (fgets(text, sizeof text, file)) {
    text[strcspn(text, "\n")] = 0;
    if (*text)
      read_line(text);
  }
  fclose(file);
}

/* The next publisher in turn that may send; NULL when none may. */
static line *next_publisher(uint64_t now, int within_window) {
  for (int i = 0; i < publisher_count; i++) {
    line *l = &lines[publishers[turn++ % publisher_count]];
    if ((!within_window || l->outstanding < window) && word_may_publish(l, now))
      return l;
  }
  return NULL;
}

/* Send what is due now; returns the milliseconds until more is. */
static int publish_due(void) {
  static double next;
  uint64_t now = now_ns();
  line *l;
  if (!strcmp(mode, "saturate")) {
    while (outstanding < total && (l = next_publisher(now, 1)))
      word_publish(l);
    return 2;
  }
  if (!strcmp(mode, "idle"))
    return 50;
  for (next = next ? next : now; next <= now && (l = next_publisher(now, 0)); next += 1e9 / rate)
    word_publish(l);
  double left = (next - now_ns()) / 1e6;
  return left < 0 ? 1 : left > 10 ? 10 : (int)left;
}

/* Let the sockets live for a moment, and do what is due by the clock. */
static void live(int milliseconds) {
  static uint64_t tended, said, lost_since;
  lines_poll(milliseconds);
  uint64_t now = now_ns();
  if (now - tended < 100000000ull)
    return;
  tended = now;
  lines_tend();
  if (open_count < line_count && dropped && !lost_since)
    lost_since = now;
  if (open_count == line_count && lost_since) {
    double took = (now - lost_since) / 1e9;
    slowest_return = took > slowest_return ? took : slowest_return;
    lost_since = 0;
  }
  if (states && now - said > 1000000000ull) {
    said = now;
    fprintf(stderr, "STATE {\"open\":%d,\"dropped\":%llu,\"sent\":%llu,\"accepted\":%llu,\"delivered\":%llu}\n",
            open_count, (unsigned long long)dropped, (unsigned long long)sent_in_all, (unsigned long long)accepted,
            (unsigned long long)delivered_in_all);
  }
}

static double connect_all(void) {
  uint64_t began = now_ns(), end = began + (uint64_t)(patience * 1e9);
  int started = 0;
  while (open_count + (int)failed < line_count && now_ns() < end) {
    while (started < line_count && started - open_count - (int)failed < connecting)
      line_start(&lines[started++]);
    live(20);
  }
  return (now_ns() - began) / 1e9;
}

static double cpu(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void for_seconds(double seconds, int publish) {
  for (uint64_t end = now_ns() + (uint64_t)(seconds * 1e9); now_ns() < end;)
    live(publish ? publish_due() : 20);
}

static void drain(void) {
  uint64_t short_of;
  for (uint64_t end = now_ns() + (uint64_t)(drain_for * 1e9); now_ns() < end;) {
    for_seconds(0.2, 0);
    if (!words_behind() && !words_missing(&short_of) && (!comes_back || open_count == line_count))
      return;
  }
}

static void print_histogram(const char *name, const histogram *h) {
  printf("\"%s_ms\":{\"count\":%llu,\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"max\":%.3f},", name,
         (unsigned long long)h->count, quantile(h, .5), quantile(h, .95), quantile(h, .99), h->most / 1000.0);
}

static void print_all(double connecting_took, double took, double used) {
  uint64_t sockets_short, missing = words_missing(&sockets_short);
  const struct {
    const char *name;
    uint64_t value;
  } counts[] = {
      {"sockets", line_count}, {"open_at_end", open_count}, {"failed", failed}, {"dropped", dropped},
      {"sent", sent}, {"sent_in_all", sent_in_all}, {"accepted", accepted}, {"answered", accepted_measured},
      {"refused", refused}, {"busy", busy}, {"resent", resent}, {"delivered", delivered},
      {"delivered_in_all", delivered_in_all}, {"frames", frames}, {"bytes", delivered_bytes}, {"missing", missing},
      {"sockets_short", sockets_short}, {"behind", words_behind()}, {"doubled", doubled},
      {"out_of_order", out_of_order}, {"jumped", jumped}, {"broken", broken}, {"resets", resets},
      {"unknown", unknown}, {"foreign", foreign}};
  printf("{");
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    printf("\"%s\":%llu,", counts[i].name, (unsigned long long)counts[i].value);
  print_histogram("delay", &delays);
  print_histogram("answer", &answers);
  print_histogram("connect", &connects);
  print_histogram("back", &backs);
  printf("\"closed\":{");
  for (int code = 0, some = 0; code < 5000; code++)
    if (closed_with[code])
      printf("%s\"%d\":%llu", some++ ? "," : "", code, (unsigned long long)closed_with[code]);
  printf("},\"secs\":%.3f,\"a_second\":%.1f,\"connect_secs\":%.3f,\"connects_a_second\":%.1f,"
         "\"slowest_return_secs\":%.2f,\"client_cores\":%.3f,\"client_cpu_secs\":%.2f}\n",
         took, took ? delivered / took : 0, connecting_took, connects.count / connecting_took, slowest_return,
         took ? used / took : 0, cpu());
}

static void told(int count, char **words) {
  const struct {
    const char *name;
    double *number;
    int *whole;
  } options[] = {{"--secs", &secs, NULL}, {"--warm", &warm, NULL}, {"--settle", &settle_for, NULL},
                 {"--drain", &drain_for, NULL}, {"--rate", &rate, NULL}, {"--words", &words_a_second, NULL},
                 {"--burst", &words_at_once, NULL}, {"--patience", &patience, NULL}, {"--back", &back_within, NULL},
                 {"--window", NULL, &window}, {"--total", NULL, &total}, {"--padding", NULL, &padding},
                 {"--connecting", NULL, &connecting}};
  size_t known = sizeof options / sizeof *options;
  for (int i = 1; i < count; i++) {
    size_t o = 0;
    if (!strcmp(words[i], "--states")) {
      states = 1;
      continue;
    }
    if (i + 1 >= count)
      stop("No value for", words[i]);
    while (o < known && strcmp(words[i], options[o].name))
      o++;
    if (!strcmp(words[i], "--plan"))
      plan = words[++i];
    else if (!strcmp(words[i], "--mode"))
      mode = words[++i];
    else if (o == known)
      stop("No such option:", words[i]);
    else if (options[o].number)
      *options[o].number = atof(words[++i]);
    else
      *options[o].whole = atoi(words[++i]);
    comes_back |= o < known && !strcmp(options[o].name, "--back");
  }
  if (!plan)
    stop("Which --plan?", "");
}

int main(int count, char **words) {
  told(count, words);
  run = (uint32_t)(now_ns() / 1000) ^ (uint32_t)getpid() << 16;
  srand(run);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  poller = epoll_create1(0);
  read_plan();
  if (!total)
    total = window * publisher_count;
  if (secs > 600)
    secs = 600;
  double connecting_took = connect_all();
  fprintf(stderr, "CONNECTED\n");
  for_seconds(settle_for, 0);
  for_seconds(warm, 1);
  fprintf(stderr, "BEGIN\n");
  double used = cpu();
  uint64_t began = now_ns();
  measuring = 1;
  for_seconds(secs, 1);
  measuring = 0;
  double took = (now_ns() - began) / 1e9;
  used = cpu() - used;
  fprintf(stderr, "END\n");
  drain();
  print_all(connecting_took, took, used);
  return 0;
}
