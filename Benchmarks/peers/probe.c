// How long a telegram takes from its last byte on the wire to a subscriber, beside a bare publish at the same time.
//   probe BROKER_PORT FIRST_PORT METERS SECONDS WARM      the first WARM seconds do not count
// Each meter is a TCP port with a P1 telegram a second; the bridge reads them as probe_0, probe_1, … Prints the number of
// readings, then the median and the 99th percentile in milliseconds of readings and of bare publishes.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { METERS = 200, TURNS = 1000, SAMPLES = METERS * TURNS };

static _Atomic int64_t sent[METERS][TURNS], published[TURNS * 20];
static double readings[SAMPLES], bare[TURNS * 20];
static _Atomic int readings_count, bare_count;
static int warm;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message) {
  (void)client, (void)context;
  int64_t arrived = now();
  int meter, turn;
  if (sscanf(message->topic, "bare/%d", &turn) == 1) {
    if (turn > 20 * warm && bare_count < TURNS * 20) bare[bare_count++] = (arrived - published[turn]) / 1e6;
    return;
  }
  if (sscanf(message->topic, "meterbridge/probe_%d/reading", &meter) != 1 || meter >= METERS) return;
  static char text[8192];
  int length = message->payloadlen < 8191 ? message->payloadlen : 8191;
  memcpy(text, message->payload, length);
  text[length] = 0;
  // {"name":"power_import","value":123,"unit":"W"}: the turn.
  char *value = strstr(text, "\"name\":\"power_import\",\"value\":");
  if (!value) return;
  turn = atoi(value + 30);
  // Readings that waited for a reconnect are not of this turn.
  if (turn > warm && turn < TURNS && sent[meter][turn] && readings_count < SAMPLES)
    readings[readings_count++] = (arrived - sent[meter][turn]) / 1e6;
}

static int telegram(char *out, int meter, int turn) {
  int length = sprintf(out,
      "/PRB5\\2PROBE\r\n\r\n1-3:0.2.8(50)\r\n0-0:96.1.1(%02X%02X%02X%02X)\r\n"
      "1-0:1.8.1(%06d.%03d*kWh)\r\n1-0:1.8.2(000234.567*kWh)\r\n1-0:2.8.1(000000.000*kWh)\r\n1-0:2.8.2(000000.000*kWh)\r\n"
      "0-0:96.14.0(0001)\r\n1-0:1.7.0(00.%03d*kW)\r\n1-0:2.7.0(00.000*kW)\r\n1-0:32.7.0(230.1*V)\r\n"
      "1-0:31.7.0(001*A)\r\n1-0:21.7.0(00.%03d*kW)\r\n1-0:22.7.0(00.000*kW)\r\n!",
      0x30 + meter / 100, 0x30 + meter / 10 % 10, 0x30 + meter % 10, 0x41, 100 + turn / 1000, turn % 1000, turn, turn);
  uint16_t sum = 0;
  for (int i = 0; i < length; i++) {
    sum ^= (uint8_t)out[i];
    for (int bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >> 1) ^ 0xA001 : sum >> 1;
  }
  return length + sprintf(out + length, "%04X\r\n", sum);
}

static struct mosquitto *client(int port, const char *name) {
  struct mosquitto *made = mosquitto_new(name, true, NULL);
  mosquitto_message_callback_set(made, on_message);
  if (mosquitto_connect(made, "127.0.0.1", port, 60)) exit(1);
  mosquitto_loop_start(made);
  return made;
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static double percentile(double *values, int count, double part) { return count ? values[(int)(part * (count - 1))] : -1; }

int main(int argc, char **argv) {
  if (argc != 6) return 64;
  int broker = atoi(argv[1]), first = atoi(argv[2]), meters = atoi(argv[3]), seconds = atoi(argv[4]);
  warm = atoi(argv[5]);
  if (meters < 1 || meters > METERS || seconds < 1 || seconds >= TURNS) return 64;
  int listeners[METERS], lines[METERS];
  for (int meter = 0; meter < meters; meter++) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(first + meter)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int yes = 1;
    listeners[meter] = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listeners[meter], SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listeners[meter], (struct sockaddr *)&address, sizeof address) || listen(listeners[meter], 4)) {
      perror("probe: listen");
      return 1;
    }
  }
  for (int meter = 0; meter < meters; meter++) lines[meter] = accept(listeners[meter], NULL, NULL);
  mosquitto_lib_init();
  struct mosquitto *subscriber = client(broker, "probe"), *publisher = client(broker, "bare");
  char topic[64], text[2048];
  for (int meter = 0; meter < meters; meter++) {
    sprintf(topic, "meterbridge/probe_%d/reading", meter);
    mosquitto_subscribe(subscriber, NULL, topic, 1);
  }
  mosquitto_subscribe(publisher, NULL, "bare/+", 1);
  sleep(1);
  char payload[700];
  memset(payload, 'x', sizeof payload);
  int64_t start = now();
  // Each has a connection of its own, and QoS 1: mosquitto does not set TCP_NODELAY, so a message would wait up to 40 ms for the
  // kernel to acknowledge the one before.
  // Steps of 1/(meters) s: in each one meter sends; every 1/20 s a bare publish.
  for (int64_t step = 0, pushed = 0; step < (int64_t)seconds * meters; step++) {
    int64_t due = start + step * 1000000000LL / meters, left = due - now();
    if (left > 0) nanosleep(&(struct timespec){left / 1000000000LL, left % 1000000000LL}, NULL);
    int meter = step % meters, turn = 1 + step / meters;
    int length = telegram(text, meter, turn);
    sent[meter][turn] = now();
    if (send(lines[meter], text, length, MSG_NOSIGNAL) != length) perror("probe: send");
    if (pushed < (now() - start) / 50000000LL && pushed < TURNS * 20) {
      sprintf(topic, "bare/%d", (int)pushed);
      published[pushed] = now();
      mosquitto_publish(publisher, NULL, topic, sizeof payload, payload, 1, false);
      pushed++;
    }
  }
  sleep(2);
  int count = readings_count, others = bare_count;
  qsort(readings, count, sizeof *readings, compare);
  qsort(bare, others, sizeof *bare, compare);
  printf("%d of %d readings: median %.2f p99 %.2f; bare publish: median %.2f p99 %.2f\n", count, (seconds - warm) * meters,
      percentile(readings, count, 0.5), percentile(readings, count, 0.99), percentile(bare, others, 0.5),
      percentile(bare, others, 0.99));
  return count < (seconds - warm) * meters / 2;
}
