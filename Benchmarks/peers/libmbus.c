/* The peer of the row `libmbus`: M-Bus frames of a file of hexadecimal lines, parsed and written as XML by libmbus, as its
 * tools do. Prints telegrams per second of processor time.
 *
 *     libmbus FILE
 *     libmbus FILE list    the frames that it makes XML of, and none else
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mbus-protocol.h"

enum { frame_limit = 256, byte_limit = 300 };

static unsigned char frames[frame_limit][byte_limit];
static size_t sizes[frame_limit];

static size_t read_frames(const char *path) {
  FILE *file = fopen(path, "r");
  char line[2 * byte_limit];
  size_t count = 0;
  while (file && count < frame_limit && fgets(line, sizeof line, file)) {
    size_t size = 0;
    unsigned byte;
    while (size < byte_limit && sscanf(line + 2 * size, "%2x", &byte) == 1) frames[count][size++] = (unsigned char)byte;
    if (size > 0) sizes[count++] = size;
  }
  if (file) fclose(file);
  return count;
}

/* Whether the frame became an XML document. */
static int decode(size_t index) {
  mbus_frame frame;
  mbus_frame_data data;
  memset(&frame, 0, sizeof frame);
  memset(&data, 0, sizeof data);
  if (mbus_parse(&frame, frames[index], sizes[index]) != 0) return 0;
  if (mbus_frame_data_parse(&frame, &data) != 0) return 0;
  char *xml = mbus_frame_data_xml(&data);
  int is_good = xml != NULL;
  free(xml);
  if (data.data_var.record) mbus_data_record_free(data.data_var.record);
  return is_good;
}

static void list(size_t count) {
  for (size_t index = 0; index < count; index++) {
    if (!decode(index)) continue;
    for (size_t place = 0; place < sizes[index]; place++) printf("%02X", frames[index][place]);
    printf("\n");
  }
}

int main(int count_of_words, char **words) {
  size_t count = count_of_words > 1 ? read_frames(words[1]) : 0;
  if (count == 0) return 64;
  if (count_of_words == 3) {
    list(count);
    return 0;
  }
  unsigned long done = 0;
  const clock_t start = clock();
  while (clock() - start < 2 * CLOCKS_PER_SEC) {
    for (int turn = 0; turn < 100; turn++) {
      for (size_t index = 0; index < count; index++, done++) {
        if (!decode(index)) return 65;
      }
    }
  }
  printf("%.0f\n", (double)done / ((double)(clock() - start) / CLOCKS_PER_SEC));
  return 0;
}
