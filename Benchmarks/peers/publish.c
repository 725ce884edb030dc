// The peer of the publish benchmark: a bare program on libmosquitto with its own poll loop.
// usage: publish PORT COUNT WINDOW; prints acknowledged QoS 1 publishes per second.
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int connected, acknowledged, sent, count, window;

static void on_connect(struct mosquitto *m, void *context, int reason, int flags, const mosquitto_property *p) {
  connected = reason == 0;
}
static void on_publish(struct mosquitto *m, void *context, int id, int reason, const mosquitto_property *p) {
  acknowledged++;
}
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  if (argc != 4) return 64;
  count = atoi(argv[2]);
  window = atoi(argv[3]);
  mosquitto_lib_init();
  struct mosquitto *m = mosquitto_new("bench-c", true, NULL);
  mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_connect_v5_callback_set(m, on_connect);
  mosquitto_publish_v5_callback_set(m, on_publish);
  if (mosquitto_connect_async(m, "127.0.0.1", atoi(argv[1]), 30) != 0) return 69;
  double start = 0;
  while (acknowledged < count) {
    if (connected && start == 0) start = now();
    while (connected && sent < count && sent - acknowledged < window) {
      char topic[64], payload[16];
      snprintf(topic, sizeof topic, "bench/meter/field_%d", sent % 50);
      snprintf(payload, sizeof payload, "%d.%03d", sent, sent % 1000);
      mosquitto_publish_v5(m, NULL, topic, (int)strlen(payload), payload, 1, true, NULL);
      sent++;
    }
    struct pollfd waiting = {mosquitto_socket(m), POLLIN | (mosquitto_want_write(m) ? POLLOUT : 0), 0};
    poll(&waiting, 1, 100);
    if (waiting.revents & POLLOUT) mosquitto_loop_write(m, 1);
    if (waiting.revents & (POLLIN | POLLHUP | POLLERR)) mosquitto_loop_read(m, 1);
    if (mosquitto_loop_misc(m) != 0) return 69;
  }
  printf("%.0f\n", count / (now() - start));
  mosquitto_disconnect(m);
  mosquitto_destroy(m);
  return 0;
}
