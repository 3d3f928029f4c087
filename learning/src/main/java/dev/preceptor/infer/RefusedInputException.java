package dev.preceptor.infer;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.quality.GuardFinding;
import java.util.List;
import java.util.stream.Collectors;

/** A subject is not segmented, because guards of the models say that it is unlike those of their training. */
public final class RefusedInputException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    private final transient List<GuardFinding> findings;

    /**
     * @param subject that begins the message, such as {@code subject a: }, or nothing
     * @param findings of all guards; at least one fires and refuses
     */
    RefusedInputException(String subject, List<GuardFinding> findings) {
        super(subject + message(findings));
        this.findings = List.copyOf(findings);
    }

    private static String message(List<GuardFinding> findings) {
        List<GuardFinding> refusing = refusing(findings);
        String names = refusing.stream().map(finding -> finding.guard().label()).collect(Collectors.joining(","));
        return refusing.stream().map(GuardFinding::toString).collect(Collectors.joining("; ")) + ": refused; --accept "
                + names + " segments it anyway";
    }

    /** The findings that refuse, unless they are accepted. */
    static List<GuardFinding> refusing(List<GuardFinding> findings) {
        return findings.stream()
                .filter(finding -> finding.fires() && finding.refuses())
                .toList();
    }

    /** The findings of all guards that were checked. */
    public List<GuardFinding> findings() {
        return findings;
    }
}
