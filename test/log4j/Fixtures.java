package org.example.mail;

import java.io.BufferedWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.config.plugins.Plugin;
import org.apache.logging.log4j.core.pattern.ConverterKeys;
import org.apache.logging.log4j.core.pattern.LogEventPatternConverter;
import org.apache.logging.log4j.core.pattern.PatternConverter;
import org.apache.logging.log4j.core.util.Clock;

/**
 * Writes logs as mailboxd does, by the real log4j 2: its pattern, a converter
 * for the context, threads named like Jetty's, exceptions of every kind. Beside
 * each log stands what is true of it, a line for each event:
 *
 * <pre>epoch ms, level, logger, thread, lines in the log, exception, root cause</pre>
 *
 * tab between them, "-" for none. Usage: Fixtures LOG TRUTH
 */
public final class Fixtures {
    private static long now;
    private static String context = "";
    private static Path log;
    private static BufferedWriter truth;
    private static long lines;

    private Fixtures() { }

    /** The clock of the log: it shows what the script of events says. */
    public static final class ScriptClock implements Clock {
        @Override
        public long currentTimeMillis() {
            return now;
        }
    }

    /** %z, the context between the brackets. */
    @Plugin(name = "ContextConverter", category = PatternConverter.CATEGORY)
    @ConverterKeys({"z"})
    public static final class ContextConverter extends LogEventPatternConverter {
        private ContextConverter() {
            super("z", "z");
        }

        /** Called by log4j. */
        public static ContextConverter newInstance(final String[] options) {
            return new ContextConverter();
        }

        @Override
        public void format(final LogEvent event, final StringBuilder out) {
            out.append(context);
        }
    }

    /** An exception that prints itself over several lines, as ServiceException does. */
    public static class ServiceFault extends Exception {
        private static final long serialVersionUID = 1;
        private final String code;
        private final String id;

        ServiceFault(String message, String code, String id, Throwable cause) {
            super(message, cause);
            this.code = code;
            this.id = id;
        }

        @Override
        public String toString() {
            return super.toString() + "\nExceptionId:" + id + "\nCode:" + code;
        }
    }

    /** A nested class, for the dollar in its name. */
    public static final class NoSuchItem extends ServiceFault {
        private static final long serialVersionUID = 1;

        NoSuchItem(int item) {
            super("no such message: " + item, "mail.NO_SUCH_MSG Arg:(itemId, IID, \"" + item + "\")",
                    "qtp1286783232-24:https://mail.example.com/service/soap/GetMsgRequest:1785682144242:5b4fc290317d42f4", null);
        }
    }

    /** A resource that cannot be closed. */
    private static final class Broken implements AutoCloseable {
        @Override
        public void close() throws IOException {
            throw new IOException("cannot close", new IllegalStateException("already closed"));
        }
    }

    public static void main(String[] args) throws Exception {
        log = Path.of(args[0]);
        truth = Files.newBufferedWriter(Path.of(args[1]), StandardCharsets.UTF_8);
        script();
        truth.close();
    }

    private static void script() throws Exception {
        String web = "qtp1286783232-24:https://mail.example.com/service/soap/GetMsgRequest";
        String user = pair("name", "ann@example.com") + pair("mid", "7") + pair("oip", "203.0.113.9")
                + pair("ua", "Mozilla/5.0 (X11; Linux) [x]") + pair("soapId", "1f");
        at("2026-03-29T01:59:59.999+01:00").log(Level.INFO, "zimbra.index", "main", "", "the last millisecond of winter", null);
        at("2026-03-29T03:00:00.000+02:00").log(Level.INFO, "zimbra.index", "main", "", "the first of summer", null);
        at("2026-08-02T16:49:04.242+02:00").log(Level.INFO, "zimbra.soap", web, user, "GetMsgRequest elapsed=12", null);
        next(0).log(Level.WARN, "com.zimbra.soap.SoapEngine", web, user, "handler exception", new NoSuchItem(257));
        next(7).log(Level.WARN, "com.zimbra.soap.SoapEngine", web, user, "handler exception", nested());
        next(0).log(Level.ERROR, "zimbra.mailbox", "Index-4", pair("mid", "7"), "cannot index", causes(4));
        next(1).log(Level.ERROR, "zimbra.store", "ImapSSLServer-0", user, "cannot close", suppressed());
        next(1).log(Level.WARN, "zimbra.misc", "Timer-Zimbra", "", "a circle", circular());
        next(1).log(Level.WARN, "zimbra.misc", "Timer-Zimbra", "", "a circle in what was suppressed", circularSuppressed());
        next(61003).log(Level.INFO, "zimbra.sync", "qtp1286783232-41", user, "\n<?xml version=\"1.0\"?>\n<Sync>\n\t<Collection/>\n</Sync>", null);
        next(0).log(Level.INFO, "zimbra.misc", "pool with ] [ border", user, "three\n\nlines, the last ends\n", null);
        next(1).log(Level.DEBUG, "zimbra.misc", "{RemoteManager: mail.example.com->zimbra@mail.example.com:22}-main", "", "", null);
        next(1).log(Level.TRACE, "zimbra.imap", "ImapServer-792", user, "C: A1 LOGIN\r\nS: OK\r", null);
        next(1).log(Level.WARN, "zimbra.lmtp", "LmtpServer-3", pair("ip", "[2001:db8:0:0:0:0:0:7]"), "no message", new NullPointerException());
        next(1).log(Level.WARN, "zimbra.lmtp", "LmtpServer-3", "", "a message of several lines", new IOException("first\nsecond: java.lang.Nothing: x\n\tat nowhere"));
        next(1).log(Level.WARN, "zimbra.lmtp", "LmtpServer-3", "", "deep", deep(120));
        next(1).log(Level.WARN, "zimbra.account", "main", "", "frames of the platform", platform());
        next(1).log(Level.FATAL, "zimbra.soap", "main", "", "Unable to start servlet", new NoClassDefFoundError("Could not initialize class org.example.Missing"));
        at("2026-10-25T02:30:00.000+02:00").log(Level.INFO, "zimbra.index", "main", "", "first", null);
        at("2026-10-25T02:30:00.000+01:00").log(Level.WARN, "zimbra.index", "main", "", "second", new IllegalStateException("an hour later"));
        at("2026-12-31T23:59:59.999+01:00").log(Level.INFO, "zimbra.index", "main", "", "the old year", null);
        at("2027-01-01T00:00:00.000+01:00").log(Level.WARN, "zimbra.index", "main", "", "the new year", new IllegalStateException("x"));
        next(0).log(Level.WARN, "zimbra.index", "main", "", "the new year", new IllegalStateException("x"));
    }

    /** An event in the making; only there so that the script reads well. */
    private static final class At {
        void log(Level level, String logger, String thread, String pairs, String message, Throwable thrown) throws Exception {
            context = pairs;
            Logger to = LogManager.getLogger(logger);
            Thread t = new Thread(() -> to.log(level, message, thrown), thread);
            t.start();
            t.join();
            long after = count();
            String[] fields = {Long.toString(now), level.name(), logger.substring(logger.lastIndexOf('.') + 1), thread,
                Long.toString(after - lines), thrown == null ? "-" : thrown.getClass().getName(), root(thrown)};
            truth.write(String.join("\t", fields) + "\n");
            lines = after;
        }
    }

    private static At at(String time) {
        now = OffsetDateTime.parse(time).toInstant().toEpochMilli();
        return new At();
    }

    private static At next(long millis) {
        now += millis;
        return new At();
    }

    /** ZimbraLog.encodeArg. */
    private static String pair(String key, String value) {
        return key + "=" + value.replace(";", ";;").replace('\r', ' ').replace('\n', ' ') + ";";
    }

    private static long count() throws IOException {
        try (var in = Files.newInputStream(log)) {
            long n = 0;
            for (int c = in.read(); c >= 0; c = in.read()) {
                n += c == '\n' ? 1 : 0;
            }
            return n;
        }
    }

    /** The class of the last cause that a trace names. */
    private static String root(Throwable thrown) {
        String name = "-";
        Throwable first = thrown;
        for (Throwable t = thrown == null ? null : thrown.getCause(); t != null && t != first; t = t.getCause()) {
            name = t.getClass().getName();
        }
        return name;
    }

    private static Throwable nested() {
        return new ServiceFault("system failure: x", "service.FAILURE", "qtp1286783232-24:1785682144242:75d1bccf7c2249d6",
                new FileNotFoundException("/opt/zimbra/store/0/7/msg/0/257-1.msg"));
    }

    private static Throwable causes(int depth) {
        Throwable t = new ArithmeticException("the root");
        for (int i = 0; i < depth; i++) {
            t = i % 2 == 0 ? new IllegalStateException("level " + i, t) : new RuntimeException(t);
        }
        return t;
    }

    @SuppressWarnings("try") // that nothing uses the resources is the point
    private static Throwable suppressed() {
        try (Broken a = new Broken(); Broken b = new Broken()) {
            throw new IllegalArgumentException("inside");
        } catch (Exception e) {
            return new ServiceFault("outside", "service.FAILURE", "x:1:2", e);
        }
    }

    private static Throwable circular() {
        Exception a = new Exception("a");
        Exception b = new IOException("b");
        a.initCause(b);
        b.initCause(a);
        return a;
    }

    private static Throwable circularSuppressed() {
        Exception a = new Exception("a");
        Exception b = new IOException("b", a);
        a.addSuppressed(b);
        return a;
    }

    private static Throwable deep(int n) {
        return n > 0 ? deep(n - 1) : new StackOverflowError();
    }

    private static Throwable platform() {
        try {
            List.of("x").forEach(Integer::parseInt);
            return null;
        } catch (NumberFormatException e) {
            return e;
        }
    }
}
