/* SPDX-License-Identifier: Apache-2.0 */

/* stas-peer: an NVMe/TCP discovery controller controlled by a script. */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "peer/script.h"
#include "peer/server.h"

enum {
        EXIT_USAGE = 2,
};

static void print_help(void)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        script_describe(&b);
        (void) printf(
                "stas-peer [OPTION]...             run an NVMe/TCP discovery controller\n"
                "stas-peer --tell PATH COMMAND...  have the one at PATH do something\n"
                "\n"
                "  -l, --listen ADDRESS:PORT  where hosts connect; may be repeated\n"
                "                             (127.0.0.1:8009; IPv6 in brackets; port 0: any)\n"
                "  -s, --socket PATH          a Unix socket for commands\n"
                "  -e, --execute COMMAND      do this first; may be repeated\n"
                "  -t, --tell PATH            send COMMAND there, print the answer\n"
                "  -h, --help\n"
                "\n"
                "Commands, one a line on the socket, with one line of answer:\n"
                "%s"
                "\n"
                "Keys of an entry: subtype trtype adrfam traddr trsvcid subnqn treq portid\n"
                "cntlid asqsz eflags dupretinfo epcsd ncc sectype; elsewhere=1: of another\n"
                "port, which PLEO leaves out; traddr=next: the address behind the one that is\n"
                "asked, so that `-l 0.0.0.0:PORT` refers on without end. \\xHH in a text is that "
                "byte;\n"
                "`entry many` counts at '#'. Keys of `set`: nqn serial dctype (none ddc cdc)\n"
                "static events genctr; held=0: no host may stay (KATO); pleo, extended: what\n"
                "log page 00h offers; lies: numrec=N, short=BYTES (of each log that is read),\n"
                "moves=N (so often the log changes while it is read).\n"
                "Steps: icreq connect property identify features log supported-logs async\n"
                "keep-alive dim other.\n",
                b.failed ? "" : b.data);
}

static int complain(const char *what, int r)
{
        (void) fprintf(stderr, "stas-peer: %s: %s\n", what, strerror(-r));
        return EXIT_FAILURE;
}

/* Sends the words as one line; prints the answer to stdout, an error to stderr. */
static int tell(const char *path, char **words)
{
        _cleanup_text_buffer_ TextBuffer b = { 0 };
        _cleanup_free_ char *line = NULL, *answer = NULL;
        for (; *words; words++) {
                text_buffer_append(&b, *words);
                text_buffer_append(&b, words[1] ? " " : "");
        }
        line = text_buffer_take(&b);
        if (!line || strchr(line, '\n'))
                return complain("the command", -EINVAL);
        int r = control_ask(path, line, &answer);
        if (r < 0)
                return complain(path, r);

        const char *text = text_after(answer, "ok");
        if (!text) {
                (void) fprintf(stderr, "stas-peer: %s\n",
                               text_or(text_after(answer, "error "), answer));
                return EXIT_FAILURE;
        }
        if (*text)
                (void) puts(text + 1);
        return EXIT_SUCCESS;
}

static int execute(Server *s, char *command)
{
        _cleanup_text_buffer_ TextBuffer answer = { 0 };
        script_execute(server_peer(s), command, loop_now(), &answer);
        if (!answer.failed && text_after(answer.data, "ok"))
                return 0;
        (void) fprintf(stderr, "stas-peer: %s", answer.failed ? "out of memory\n" : answer.data);
        return -EINVAL;
}

static int listen_tcp(Server *s, const char *where)
{
        uint16_t port;
        int r = server_listen_tcp(s, where, &port);
        if (r < 0)
                return complain(where, r);
        (void) printf("listening on %.*s:%u\n", (int) (strrchr(where, ':') - where), where, port);
        (void) fflush(stdout); /* the parent process waits for that line */
        return 0;
}

/* Returns 0 or the exit code. Listeners come last: a host never sees a partially configured
 * peer. */
static int prepare(Server *s, int argc, char **argv, const struct option *options)
{
        const char *socket_path = NULL;
        const char *where[16];
        size_t n_where = 0;
        int r;
        optind = 1;
        for (int o; (o = getopt_long(argc, argv, "l:s:e:t:h", options, NULL)) >= 0;) {
                if (o == 'e' && execute(s, optarg) < 0)
                        return EXIT_FAILURE;
                if (o == 's')
                        socket_path = optarg;
                if (o == 'l' && n_where < ELEMENTSOF(where))
                        where[n_where++] = optarg;
        }
        if (socket_path && (r = server_listen_unix(s, socket_path)) < 0)
                return complain(socket_path, r);
        if (n_where == 0)
                where[n_where++] = "127.0.0.1:8009";
        for (size_t i = 0; i < n_where; i++)
                if ((r = listen_tcp(s, where[i])) != 0)
                        return r;
        return 0;
}

int main(int argc, char **argv)
{
        static const struct option options[] = {
                { "listen", required_argument, NULL, 'l' },
                { "socket", required_argument, NULL, 's' },
                { "execute", required_argument, NULL, 'e' },
                { "tell", required_argument, NULL, 't' },
                { "help", no_argument, NULL, 'h' },
                { NULL, 0, NULL, 0 },
        };
        const char *tell_path = NULL;
        /* "+": stop at the first word of a command to be sent */
        for (int o; (o = getopt_long(argc, argv, "+l:s:e:t:h", options, NULL)) >= 0;) {
                if (o == 'h') {
                        print_help();
                        return EXIT_SUCCESS;
                }
                if (o == '?')
                        return EXIT_USAGE;
                if (o == 't')
                        tell_path = optarg;
        }
        if (tell_path && optind < argc)
                return tell(tell_path, argv + optind);
        if (tell_path || optind < argc) {
                (void) fprintf(stderr, "stas-peer: try --help\n");
                return EXIT_USAGE;
        }

        _cleanup_(server_freep) Server *server = NULL;
        int r = server_new(&server);
        if (r < 0)
                return complain("start", r);
        r = prepare(server, argc, argv, options);
        if (r != 0)
                return r;
        r = server_run(server);
        return r < 0 ? complain("run", r) : EXIT_SUCCESS;
}
