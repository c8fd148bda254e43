// A household on one page, and what one does there.
import "./household/page";
