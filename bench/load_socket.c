/* Sockets: connecting, frames in and out, and reconnecting. */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define KEY "dGhlIHNhbXBsZSBub25jZQ==" /* the sample of RFC 6455, and what a server answers to it */
#define ANSWER "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define PING_EVERY 25e9

static uint8_t input[(1 << 18) + 1];

static double any(void) { return (double)rand() / RAND_MAX; }

static void watch(line *l, int how, uint32_t what) {
  struct epoll_event event = {.events = what, .data.u32 = (uint32_t)(l - lines)};
  epoll_ctl(poller, how, l->fd, &event);
}

void line_start(line *l) {
  l->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (l->fd < 0) {
    perror("socket");
    exit(2);
  }
  int yes = 1;
  setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(l->ports[l->port])};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  l->began = now_ns();
  l->in_length = l->out_length = 0;
  l->state = CONNECTING;
  watch(l, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
  if (connect(l->fd, (void *)&address, sizeof address) && errno != EINPROGRESS)
    line_lose(l, 0);
}

/* A socket was closed. With --back it is tried again after a random part of a pause that grows. */
void line_lose(line *l, int code) {
  int was = l->state;
  if (was == LOST || was == WAITING)
    return;
  epoll_ctl(poller, EPOLL_CTL_DEL, l->fd, NULL);
  close(l->fd);
  if (code > 0 && code < 5000)
    closed_with[code]++;
  outstanding -= l->outstanding;
  l->outstanding = 0;
  uint64_t now = now_ns();
  if (was == OPEN) {
    open_count--;
    dropped++;
    l->lost_at = now;
    l->tries = 0;
  }
  if (!comes_back) {
    failed += was != OPEN;
    l->state = LOST;
    return;
  }
  double pause = 0.5 * (1 << (l->tries < 6 ? l->tries : 6));
  l->tries++;
  l->port = (l->port + 1) % l->port_count;
  l->retry_at = now + (uint64_t)(any() * (pause < back_within ? pause : back_within) * 1e9);
  l->state = WAITING;
}

void line_opened(line *l) {
  uint64_t now = now_ns();
  l->state = OPEN;
  open_count++;
  note(&connects, (now - l->began) / 1000);
  if (l->lost_at)
    note(&backs, (now - l->lost_at) / 1000);
  l->lost_at = 0;
  l->tries = 0;
  l->ping_at = now + (uint64_t)(PING_EVERY * (0.2 + any()));
  l->words_at = 0;
  word_say_again(l, 1);
}

static void send_out(line *l, const uint8_t *bytes, size_t length) {
  ssize_t went = l->out_length ? 0 : send(l->fd, bytes, length, MSG_NOSIGNAL);
  if (went < 0 && errno != EAGAIN) {
    line_lose(l, 0);
    return;
  }
  size_t left = length - (went > 0 ? (size_t)went : 0);
  if (!left)
    return;
  if (l->out_length + left > l->out_room)
    l->out = realloc(l->out, l->out_room = 2 * (l->out_length + left));
  memcpy(l->out + l->out_length, bytes + length - left, left);
  l->out_length += left;
  watch(l, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

void line_say(line *l, int opcode, const char *text, size_t length) {
  uint8_t frame[65536 + 8];
  size_t head = 2;
  if (length > 65535)
    return;
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (length < 126 ? length : 126);
  if (length >= 126) {
    frame[2] = length >> 8;
    frame[3] = length & 255;
    head = 4;
  }
  memset(frame + head, 0, 4); /* a mask that changes nothing */
  memcpy(frame + head + 4, text, length);
  send_out(l, frame, head + 4 + length);
}

static void with_number(char *to, size_t room_for, const char *form, uint64_t number) {
  const char *place = strstr(form, "{after}");
  if (place)
    snprintf(to, room_for, "%.*s%llu%s", (int)(place - form), form, (unsigned long long)number, place + 7);
  else
    snprintf(to, room_for, "%s", form);
}

static void ask(line *l) {
  char target[4096], request[8192];
  with_number(target, sizeof target, l->target, l->last);
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n"
                        "Origin: http://localhost:%d\r\n%s%s%s\r\n",
                        target, l->ports[l->port], l->ports[l->port], l->cookie ? "Cookie: " : "",
                        l->cookie ? l->cookie : "", l->cookie ? "\r\n" : "");
  l->state = ASKED;
  watch(l, EPOLL_CTL_MOD, EPOLLIN);
  send_out(l, (uint8_t *)request, length);
}

/* The answer to the request; how many bytes it took, 0 when it is incomplete. */
static size_t greeted(line *l, char *text) {
  static int told;
  char *end = strstr(text, "\r\n\r\n");
  if (!end)
    return 0;
  *end = 0;
  if (strncmp(text, "HTTP/1.1 101", 12) || !strstr(text, ANSWER)) {
    if (told++ < 3)
      fprintf(stderr, "REFUSED %.40s\n", text);
    line_lose(l, 0);
    return 0;
  }
  l->state = GREETED;
  if (l->first) {
    char frame[4096];
    with_number(frame, sizeof frame, l->first, l->last);
    line_say(l, 1, frame, strlen(frame));
  }
  if (l->kind == STOCK || l->kind == ECHO)
    line_opened(l);
  return end + 4 - text;
}

/* One frame; how many bytes it took, 0 when it is incomplete. */
static size_t take_frame(line *l, const uint8_t *b, size_t there) {
  if (there < 2)
    return 0;
  size_t head = 2;
  uint64_t length = b[1] & 127;
  if (length >= 126) {
    int more = length == 126 ? 2 : 8;
    head += more;
    if (there < head)
      return 0;
    length = 0;
    for (int i = 0; i < more; i++)
      length = length << 8 | b[2 + i];
  }
  int opcode = b[0] & 15;
  /* A server's frame is whole, unmasked and of a kind we know; anything else is an error. */
  if ((b[0] & 0xf0) != 0x80 || b[1] & 0x80 || !(opcode == 1 || (opcode >= 8 && opcode <= 10)) ||
      length > sizeof input - 16) {
    broken++;
    line_lose(l, 0);
    return 0;
  }
  if (there < head + length)
    return 0;
  if (opcode == 1)
    word_take(l, b + head, length);
  else if (opcode == 9)
    line_say(l, 10, (const char *)b + head, length);
  else if (opcode == 8)
    line_lose(l, length >= 2 ? b[head] << 8 | b[head + 1] : 1005);
  return head + length;
}

static void read_in(line *l) {
  size_t length = l->in_length, at = 0, took;
  if (length)
    memcpy(input, l->in, length);
  ssize_t came = recv(l->fd, input + length, sizeof input - 1 - length, 0);
  if (came <= 0) {
    if (came == 0 || errno != EAGAIN)
      line_lose(l, came ? 0 : 1006);
    return;
  }
  length += came;
  input[length] = 0;
  if (l->state == ASKED)
    at = greeted(l, (char *)input);
  while (l->state >= GREETED && l->state <= OPEN && (took = take_frame(l, input + at, length - at)))
    at += took;
  if (l->state == WAITING || l->state == LOST)
    return;
  l->in_length = length - at;
  if (l->in_length > l->in_room)
    l->in = realloc(l->in, l->in_room = 2 * l->in_length);
  if (l->in_length)
    memcpy(l->in, input + at, l->in_length);
}

static void write_out(line *l) {
  if (l->state == CONNECTING) {
    ask(l);
    return;
  }
  ssize_t went = send(l->fd, l->out, l->out_length, MSG_NOSIGNAL);
  if (went < 0) {
    if (errno != EAGAIN)
      line_lose(l, 0);
    return;
  }
  l->out_length -= went;
  memmove(l->out, l->out + went, l->out_length);
  if (!l->out_length)
    watch(l, EPOLL_CTL_MOD, EPOLLIN);
}

void lines_poll(int milliseconds) {
  struct epoll_event events[512];
  int count = epoll_wait(poller, events, 512, milliseconds);
  for (int i = 0; i < count; i++) {
    line *l = &lines[events[i].data.u32];
    uint32_t what = events[i].events;
    if (l->state == CONNECTING && what & (EPOLLERR | EPOLLHUP)) {
      line_lose(l, 0);
      continue;
    }
    if (what & EPOLLOUT && l->state != WAITING && l->state != LOST)
      write_out(l);
    if (what & (EPOLLIN | EPOLLHUP | EPOLLERR) && l->state >= ASKED && l->state <= OPEN)
      read_in(l);
  }
}

/* What is due by the clock: pings, and reconnecting lost sockets. Called a few times a second. */
void lines_tend(void) {
  uint64_t now = now_ns();
  for (int i = 0; i < line_count; i++) {
    line *l = &lines[i];
    if (l->state == OPEN)
      word_say_again(l, 0);
    if (l->state == OPEN && l->kind == OURS && now >= l->ping_at) {
      l->ping_at = now + (uint64_t)(PING_EVERY * (0.8 + 0.4 * any()));
      line_say(l, 1, "{\"t\":\"ping\"}", 12);
    } else if (l->state == WAITING && l->retry_at && now >= l->retry_at) {
      line_start(l);
    } else if (comes_back && l->state >= CONNECTING && l->state < OPEN && now - l->began > 15000000000ull) {
      line_lose(l, 0);
    }
  }
}
