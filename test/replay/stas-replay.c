/* SPDX-License-Identifier: Apache-2.0 */

/* stas-replay [-i] [-q] [-u TIME] FILE...: replays the inputs of a daemon that ran with
 * --record=FILE to the engine of this build, and compares the decisions. */

#include <getopt.h>
#include <string.h>

#include "base/span.h"
#include "replay.h"

static void print_help(void)
{
        (void) printf(
                "Usage: stas-replay [OPTION...] FILE...\n\n"
                "Gives recordings (stafd --record, stacd --record) to the engine once more and\n"
                "prints what it decides. Exits with 1 and the first difference if that is not\n"
                "what was recorded, with 2 if a file is not usable.\n\n"
                "  -i, --inputs      print what the engine is told, too\n"
                "  -q, --quiet       print nothing but differences\n"
                "  -u, --until=TIME  stop so long after the beginning, explain each controller\n"
                "  -h, --help        print this help and exit\n");
}

/* Returns 1 to continue, 0 if all was printed, or -EINVAL with a message printed. */
static int parse(int argc, char **argv, ReplayOptions *o)
{
        static const struct option table[] = {
                { "inputs", no_argument, NULL, 'i' },
                { "quiet", no_argument, NULL, 'q' },
                { "until", required_argument, NULL, 'u' },
                { "help", no_argument, NULL, 'h' },
                { NULL, 0, NULL, 0 },
        };
        int c;

        while ((c = getopt_long(argc, argv, "iqu:h", table, NULL)) != -1)
                switch (c) {
                case 'i':
                        o->inputs = true;
                        break;
                case 'q':
                        o->quiet = true;
                        break;
                case 'u':
                        o->explain = true;
                        if (span_parse(optarg, &o->until) >= 0)
                                break;
                        (void) fprintf(stderr, "stas-replay: not a time: %s\n", optarg);
                        return -EINVAL;
                case 'h':
                        print_help();
                        return 0;
                default:
                        return -EINVAL; /* reported by getopt */
                }
        if (optind < argc)
                return 1;
        (void) fprintf(stderr, "stas-replay: which file?\n");
        return -EINVAL;
}

int main(int argc, char **argv)
{
        ReplayOptions o = { .until = USEC_INFINITY, .out = stdout };
        ReplayResult worst = REPLAY_SAME;

        int r = parse(argc, argv, &o);
        if (r <= 0)
                return r < 0 ? REPLAY_UNUSABLE : EXIT_SUCCESS;
        for (int i = optind; i < argc; i++) {
                FILE *f = fopen(argv[i], "re");
                if (!f) {
                        (void) fprintf(stderr, "stas-replay: %s: %s\n", argv[i], strerror(errno));
                        worst = REPLAY_UNUSABLE;
                        continue;
                }
                ReplayResult result = replay_file(f, argv[i], &o);
                (void) fclose(f); /* read only */
                worst = MAX(worst, result);
        }
        return (int) worst;
}
