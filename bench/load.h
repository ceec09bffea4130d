/* A small WebSocket load client for loopback. Its options are documented in load.c.
 *
 *   load.c       the command line, the plan, the modes, what is printed at the end
 *   load_socket.c  sockets: connecting, frames in and out, reconnecting
 *   load_protocol.c  messages in each protocol, and the check of every delivery
 */
#ifndef LOAD_H
#define LOAD_H
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { OURS, STOCK, ECHO, SOCKET_IO };
enum state { WAITING, CONNECTING, ASKED, GREETED, OPEN, LOST };
enum fate { SENT, ACCEPTED, REFUSED };

/* A message one of our publishers sent. Its text contains its index in its room's list. */
typedef struct {
  uint64_t at, again_at, answered_at;
  int by;
  uint8_t fate;
} message;

typedef struct {
  char name[48];
  long id;
  message *messages;
  uint32_t count, room_for;
  uint64_t last; /* the highest number any of its sockets received */
  int publishers;
} room;

typedef struct {
  int fd;
  uint8_t kind, state, publishes, counted;
  uint16_t ports[8];
  int port_count, port;
  int room;
  char *target, *cookie, *first;
  /* deliveries */
  uint64_t last;       /* the number of the last entry it was given (ours) */
  uint8_t *seen;       /* one bit for each message of its room */
  uint32_t seen_bytes;
  uint32_t *last_from; /* the last message seen of each publisher of its room (the others) */
  int publisher;       /* which of its room's publishers it is */
  int outstanding;
  double words;
  uint64_t words_at;
  /* connecting */
  uint64_t began, lost_at, retry_at, ping_at;
  int tries;
  uint8_t *in, *out;
  size_t in_length, in_room, out_length, out_room;
} line;

#define BINS (64 * 64)
typedef struct {
  uint64_t bin[BINS], count, most;
} histogram;

/* Options. */
extern double words_a_second, words_at_once, back_within;
extern int padding, comes_back;

/* State. */
extern line *lines;
extern int line_count, room_count, poller, open_count, outstanding;
extern room *rooms;
extern uint32_t run;
extern int measuring;

/* Counters. */
extern uint64_t delivered, delivered_in_all, delivered_bytes, doubled, out_of_order, jumped, broken, dropped,
    failed, sent, sent_in_all, accepted, accepted_measured, refused, busy, resent, resets, unknown, foreign,
    frames;
extern uint64_t closed_with[5000];
extern histogram delays, answers, connects, backs;

uint64_t now_ns(void);
void note(histogram *h, uint64_t microseconds);
double quantile(const histogram *h, double q);

void line_start(line *l);
void line_say(line *l, int opcode, const char *text, size_t length);
void line_lose(line *l, int code);
void line_opened(line *l);
void lines_poll(int milliseconds);
void lines_tend(void);

void word_take(line *l, const uint8_t *text, size_t length);
int word_may_publish(line *l, uint64_t now);
void word_publish(line *l);
void word_say_again(line *l, int all);
uint64_t words_missing(uint64_t *sockets_short);
uint64_t words_behind(void);
#endif
